/** What Chromium tells of device and system beside the user agent. */
export interface UserAgentData {
  platform?: string
  platformVersion?: string
  architecture?: string
  model?: string
}

interface ClientHints {
  platform?: string
  getHighEntropyValues?(hints: string[]): Promise<UserAgentData>
}

/** Client hints of Chromium; undefined elsewhere. @see https://wicg.github.io/ua-client-hints/ */
export async function readUserAgentData(): Promise<UserAgentData | undefined> {
  const hints = (navigator as { userAgentData?: ClientHints }).userAgentData
  if (!hints?.getHighEntropyValues) return undefined
  const { platformVersion, architecture, model } = await hints.getHighEntropyValues([
    'platformVersion',
    'architecture',
    'model',
  ])
  return {
    ...(hints.platform && { platform: hints.platform }),
    ...(platformVersion && { platformVersion }),
    ...(architecture && { architecture }),
    ...(model && { model }),
  }
}
