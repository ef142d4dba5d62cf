import type { z } from 'zod'
import type { anonymousAuthRequestSchema, loginRequestSchema, signupRequestSchema } from './account.schema.ts'
import type { AnonymousAuthRequest, LoginRequest, SignupRequest } from './account.ts'
import type { consentReportSchema } from './consent.schema.ts'
import type { ConsentReport } from './consent.ts'
import type { sessionRequestSchema } from './session.schema.ts'
import type { SessionRequest } from './session.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Expect<T extends true> = T
type Keys<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] }

/** A field added to a type but not to its schema (or the reverse) stops here. */
export type Parity = [
  Expect<Equal<z.output<typeof consentReportSchema>, ConsentReport>>,
  Expect<Equal<Keys<z.output<typeof sessionRequestSchema>>, Keys<SessionRequest>>>,
  Expect<Equal<z.output<typeof signupRequestSchema>, SignupRequest>>,
  Expect<Equal<z.output<typeof loginRequestSchema>, LoginRequest>>,
  Expect<Equal<z.output<typeof anonymousAuthRequestSchema>, AnonymousAuthRequest>>,
]
