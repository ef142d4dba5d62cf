import { expect, it } from 'vitest'
import { describePage } from './describe-page.ts'

/** A page whose every `Intl` is counted: the first one of a page blocks for longer than all probes may. */
function openPage(temporal: object) {
  let formats = 0
  const scope = {
    ...{ location: { pathname: '/', search: '' }, document: { referrer: '' } },
    ...{ navigator: { language: 'en', userAgent: 'Example/1' }, screen: { width: 1512, height: 982 } },
    Intl: {
      DateTimeFormat: class {
        resolvedOptions() {
          formats += 1
          return { timeZone: 'Europe/London' }
        }
      },
    },
    ...temporal,
  }
  // The few members that are read.
  const { timezone } = describePage(scope as unknown as Parameters<typeof describePage>[0], 'recognition')
  return { timezone, formats }
}

it('learns the time zone without Intl where Temporal tells it', () => {
  const Temporal = { Now: { timeZoneId: () => 'Asia/Tokyo' } }
  expect(openPage({ Temporal })).toEqual({ timezone: 'Asia/Tokyo', formats: 0 })
})

it('asks Intl where there is no Temporal', () => {
  expect(openPage({})).toEqual({ timezone: 'Europe/London', formats: 1 })
})
