import type { RequestIssue } from '@helloagain/protocol'
import type { z } from 'zod'

const MAX_ISSUES = 20

/** Zod's findings as the envelope tells them. */
export function toIssues(error: z.ZodError, prefix: string): RequestIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({
    path: [...(prefix ? [prefix] : []), ...path.map(String)].join('.'),
    message,
  }))
}
