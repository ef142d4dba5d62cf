/** A value a person told the site. */
export type ProfileValue = boolean | number | string

/** What is known of a person, by field name; the documents' fields are named, any other is welcome. */
export interface UserData {
  email?: string
  firstName?: string
  age?: string
  gender?: string
  profession?: string
  country?: string
  city?: string
  household?: string
  [field: string]: ProfileValue | undefined
}

/** Fields whose share makes a profile complete (document 001). */
export const PROFILE_FIELDS = [
  'email',
  'firstName',
  'age',
  'gender',
  'profession',
  'country',
  'city',
  'household',
] as const

/** Answer of `PATCH /api/sessions/:sessionId/profile`. */
export interface ProfileAnswer {
  success: true
  userData: UserData
  /** 0–100: share of {@link PROFILE_FIELDS} that is known. */
  completion: number
}

/** Answer of `GET/PUT /api/sessions/:sessionId/progress/:name`. */
export interface ProgressAnswer {
  success: true
  progress: { name: string; state: unknown; updatedAt: string } | null
}
