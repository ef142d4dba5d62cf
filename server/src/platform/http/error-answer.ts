import type { ErrorAnswer } from '@helloagain/protocol'
import { Problem } from './problem.ts'

export interface ErrorReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorAnswer
}

/** The one place an error becomes an answer. No stack, SQL or path ever leaves. */
export function errorReply(error: unknown, requestId: string): ErrorReply {
  const problem = error instanceof Problem ? error : new Problem('server.internal')
  const { code, message, issues, retryAfterSeconds, headers, status } = problem
  return {
    status,
    headers: {
      ...headers,
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(Math.ceil(retryAfterSeconds)) }),
    },
    body: {
      success: false,
      error: { code, message, ...(issues && { issues: [...issues] }) },
      requestId,
    },
  }
}
