/** One thing the SDK saw, in plain words. */
export interface Remark {
  tone: 'good' | 'plain' | 'problem'
  head: string
  text: string
}
