import type { ConsentMode, SessionMetadata } from '@helloagain/protocol'
import { readTimezone } from '../fingerprint/signals/timezone.ts'
import { cleanAddress, readUtm } from '../platform/page-address.ts'

type DescribedScope = Pick<Window & typeof globalThis, 'Intl' | 'location' | 'navigator' | 'screen'> & {
  document: { referrer: string }
}

const SCREEN_STEP_PX = 100

const roundScreen = (px: number): number => Math.round(px / SCREEN_STEP_PX) * SCREEN_STEP_PX

/**
 * What the server is told of the page. In `cookieless` mode only what each page view tells anyway:
 * time zone and screen help to single out a browser.
 */
export function describePage(scope: DescribedScope, mode: ConsentMode): SessionMetadata {
  const { location, navigator, screen, document } = scope
  const utm = readUtm(location.search)
  const arrival: SessionMetadata = {
    page: cleanAddress(location.pathname + location.search),
    ...(document.referrer ? { referrer: cleanAddress(document.referrer) } : {}),
    ...(utm ? { utm } : {}),
    language: navigator.language,
  }
  if (mode !== 'recognition') return arrival
  const timezone = readTimezone(scope)
  return {
    ...arrival,
    userAgent: navigator.userAgent,
    ...(timezone && { timezone }),
    screen: { width: roundScreen(screen.width), height: roundScreen(screen.height) },
  }
}
