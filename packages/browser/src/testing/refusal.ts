import { type ErrorAnswer, REFUSALS, type RefusalCode, type RequestIssue } from '@helloagain/protocol'

/** A call the server says no to. */
export class Refused extends Error {
  readonly code: RefusalCode
  readonly issues: RequestIssue[] | undefined

  constructor(code: RefusalCode, issues?: RequestIssue[]) {
    super(REFUSALS[code].message)
    this.code = code
    this.issues = issues
  }
}

/** The body of a failure, as the server words it. */
export function describeRefusal(code: RefusalCode, issues?: RequestIssue[]): ErrorAnswer {
  const { message } = REFUSALS[code]
  return {
    success: false,
    error: { code, message, ...(issues && { issues }) },
    requestId: '00000000-0000-7000-8000-000000000000',
  }
}
