import type { ServerResponse } from 'node:http'
import { REQUEST_ID_HEADER } from '@helloagain/protocol'
import { errorReply, toProblem } from '../platform/http/error-answer.ts'
import { maskPath } from '../platform/http/mask-path.ts'
import type { Log } from '../platform/log.ts'

function respondJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.setHeader('Content-Length', bytes.length)
  response.setHeader('Cache-Control', 'no-store')
  response.end(bytes)
}

export interface Failure {
  readonly error: unknown
  readonly requestId: string
  readonly path: string
}

/** Answers a failure and logs its cause; unexpected ones are 500 with the request id alone. */
export function respondFailure(
  response: ServerResponse,
  { error, requestId, path }: Failure,
  log: Log,
): void {
  const problem = toProblem(error)
  const { status, headers, body } = errorReply(problem, requestId)
  const line = { requestId, path: maskPath(path), status, code: body.error.code }
  if (problem.code === 'server.internal') log.error({ ...line, err: problem.cause }, 'unexpected failure')
  else if (status >= 500) log.warn({ ...line, err: problem.cause }, 'unavailable')
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.setHeader(REQUEST_ID_HEADER, requestId)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  respondJson(response, status, body)
}
