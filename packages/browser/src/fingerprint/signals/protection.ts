import { isGecko } from '@fingerprintjs/fingerprintjs'
import type { Protection } from '@helloagain/recognition'

/**
 * The browser's own protection against being observed, as far as it shows. Private windows do not: Firefox's say
 * Global Privacy Control, so that nothing is read there at all, and the others are none of our business.
 */
export function readProtection(timezone: string | undefined, screenSize: readonly number[]): Protection {
  if ('brave' in navigator) return 'brave'
  // The one zone everybody is in, and a screen that ends where the window does.
  const isResisting =
    isGecko() &&
    /^(Atlantic\/Reykjavik|UTC)$/.test(timezone ?? '') &&
    screenSize[0] === innerWidth &&
    screenSize[1] === innerHeight
  return isResisting ? 'rfp' : 'none'
}
