import type { ErrorAnswer } from '@helloagain/protocol'
import { isOutage } from '../storage/outage.ts'
import { Problem } from './problem.ts'

export interface ErrorReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorAnswer
}

/** What an error is to the client: a database that is down is no fault of ours, and passes. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (!isOutage(error)) return new Problem('server.internal', { cause: error })
  return new Problem('server.unavailable', { cause: error, retryAfterSeconds: 1 })
}

/** The one place an error becomes an answer. No stack, SQL or path ever leaves. */
export function errorReply(error: unknown, requestId: string): ErrorReply {
  const problem = toProblem(error)
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
