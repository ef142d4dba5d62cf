import type { Page } from '@playwright/test'
import { expect, type Person, type Shop } from '../stories/support/shop.ts'

/** An answer of `POST /api/sessions`, as far as these tests look at it. */
interface Answer {
  session: { sessionId: string }
  visitor?: { visitorId: string }
  recognition: { method: string; isReturning: boolean }
  deviceKeyId?: string
}

export interface Visit {
  page: Page
  /** What the server answered, refusals left out. */
  answers: Answer[]
  /** Status of each answer. */
  statuses: number[]
  /** Errors and warnings of the console, and what nobody caught. */
  complaints: string[]
}

/** Opens the shop and keeps what is said about its sessions. */
export async function visit(person: Person): Promise<Visit> {
  const page = await person.open()
  const seen: Visit = { page, answers: [], statuses: [], complaints: [] }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text())
  })
  page.on('pageerror', (error) => seen.complaints.push(String(error)))
  page.on('response', async (response) => {
    if (new URL(response.url()).pathname !== '/api/sessions' || response.request().method() !== 'POST') return
    seen.statuses.push(response.status())
    // The page may be gone before its last answer is read.
    const body: Answer | undefined = response.ok() ? await response.json().catch(() => undefined) : undefined
    if (body) seen.answers.push(body)
  })
  await page.goto('/')
  await expect.poll(() => seen.answers.length, { timeout: 20_000 }).toBeGreaterThan(0)
  return seen
}

export function lastOf({ answers }: Visit): Answer {
  const last = answers.at(-1)
  if (!last) throw new Error('No session was opened.')
  return last
}

/** Waits until the server knows the browser's key. */
export const bound = (seen: Visit) => expect.poll(() => lastOf(seen).deviceKeyId).toMatch(/^[\w-]{43}$/)

export const keysOf = async ({ server: { storage } }: Shop) =>
  (await storage.db.select().from(storage.tables.deviceKeys)).map(({ keyId }) => keyId)
