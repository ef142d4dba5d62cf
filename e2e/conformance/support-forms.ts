import type { Page } from '@playwright/test'
import type { FormsPort, KnownPerson } from '../../packages/browser/src/forms/forms-port.ts'
import { test as base, bundleScript, expect, type Site, serveHtml } from './support-fingerprint.ts'

declare const Extras: typeof import('../../packages/browser/src/extras.ts')
/** What the tests leave on the page's window as `ha`. */
export interface PageState {
  person: KnownPerson | undefined
  isReturning: boolean
  saved: Record<string, unknown>
  tracked: { type: string; payload: Record<string, unknown> }[]
  resets: number
  pageEvents: string[]
  port: FormsPort
  recognize(): void
  signOut(): void
  undo(): void
}

declare const ha: PageState

export const JANE = {
  email: 'jane@example.com',
  firstName: 'Jane',
  city: 'Oslo',
  country: 'Norway',
  gender: 'Female',
  household: '2 people',
  remember: true,
  password: 'hunter2',
  cardNumber: '4111111111111111',
  newsletter: true,
}
const DAY_MS = 86_400_000
const seen = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY_MS).toISOString()
export const proven = (userData: KnownPerson['userData'] = JANE, daysAgo = 3): KnownPerson => ({
  userData,
  restricted: false,
  lastSeen: seen(daysAgo),
})

export interface Setting {
  person?: KnownPerson
  isReturning?: boolean
  saved?: Record<string, unknown>
  csp?: string
}

type Open = (body: string, setting?: Setting) => Promise<void>

/** Opens a page of the site with this body, and a client that knows what the setting says. */
async function openForms(
  { page, site, script }: { page: Page; site: Site; script: string },
  body: string,
  setting: Setting,
) {
  const policy = setting.csp ? `<meta http-equiv="Content-Security-Policy" content="${setting.csp}">` : ''
  site.answers.set('/extras.js', { type: 'text/javascript', body: script })
  serveHtml(site, `${policy}<script src="/extras.js"></script><body>${body}</body>`)
  await page.goto(site.origin)
  await page.evaluate(
    ({ person, isReturning, saved }) => {
      const recognized: (() => void)[] = []
      const signedOut: (() => void)[] = []
      const state = {
        person,
        isReturning,
        saved,
        tracked: [] as { type: string; payload: unknown }[],
        resets: 0,
        pageEvents: [] as string[],
        recognize: () => recognized.forEach((tell) => void tell()),
        signOut: () => signedOut.forEach((tell) => void tell()),
        undo: (): void => undefined,
      }
      const port: FormsPort = {
        track: (type, payload) => void state.tracked.push({ type, payload }),
        userData: async () => state.person,
        isReturning: async () => state.isReturning,
        reset: () => void state.resets++,
        onRecognized(tell) {
          recognized.push(tell)
          return () => void recognized.splice(0)
        },
        onReset(tell) {
          signedOut.push(tell)
          return () => void signedOut.splice(signedOut.indexOf(tell), 1)
        },
        saveProgress: async (name, value) => {
          state.saved[name] = value
        },
        resume: async (name) => state.saved[name] ?? null,
      }
      Object.assign(globalThis, { ha: Object.assign(state, { port }) })
    },
    { person: setting.person, isReturning: setting.isReturning ?? true, saved: setting.saved ?? {} },
  )
}

export const install = (page: Page) =>
  page.evaluate(() => {
    ha.undo = Extras.installForms(ha.port)
  })

/** Prefills the page's first form by call. */
export const fill = (page: Page) =>
  page.evaluate(async () => {
    const form = document.querySelector('form')
    return form ? Extras.prefill(form, ha.port) : -1
  })

export const inputOf = (page: Page, selector: string) => page.locator(selector).inputValue()

/** Tests with a page of their own that carries forms and prefill. */
export const test = base.extend<{ openPage: Open }, { script: string }>({
  script: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function needs from this pattern.
    async ({}, use) => use(await bundleScript('extras.ts', 'Extras')),
    { scope: 'worker' },
  ],
  openPage: async ({ page, site, script }, use) =>
    use((body, setting = {}) => openForms({ page, site, script }, body, setting)),
})

export { expect }
