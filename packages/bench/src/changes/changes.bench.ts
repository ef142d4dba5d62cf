import type { Finding } from '../measure.ts'
import { bundleObservers, type Observer } from '../probes/contenders.ts'
import { launchChromium } from '../sdk/browser.ts'
import { returnInChromium } from './chromium.ts'
import type { Outcome } from './compare.ts'
import { type Crowd, gatherCrowd } from './crowd.ts'
import { describeRivals, describeVerdict } from './describe-outcome.ts'
import { FIREFOX_CHANGES, FIREFOX_MODES, findFirefox, returnInFirefox, type Start } from './firefox.ts'
import { openPlace, type Place } from './place.ts'
import { SOMEBODY_ELSE, TEN_CHANGES } from './ten-changes.ts'

/** Other people on the site. */
const PEOPLE = 500

/** As a person's browser, which does not say that it is driven. */
const FLAGS = ['--disable-blink-features=AutomationControlled']

interface Row {
  readonly name: string
  readonly outcome: Outcome
}

const shortName = ({ name }: Observer) => (name.split('/')[1] ?? name).replace(/ .*/, '')

/** One place for each return, so that none learns from another. */
async function inPlace<T>(
  options: Parameters<typeof openPlace>[0],
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const place = await openPlace(options)
  try {
    return await work(place)
  } finally {
    await place.close()
  }
}

/** How many of ten each still knew; the bar is ours. */
function countKnown(where: string, rows: readonly Row[], rivals: readonly Observer[]): Finding[] {
  const known = rows.filter(({ outcome }) => outcome.isRight).length
  const linked = rows.filter(({ outcome }) => outcome.isRight && outcome.verdict?.isLinkable).length
  return [
    {
      what: `${where}: recognised after one change, ours`,
      value: `${known} of ${rows.length} (${linked} surely enough to link)`,
      bar: `${rows.length} of ${rows.length}`,
      isReached: known === rows.length,
    },
    ...rivals.map(({ name }, index) => ({
      what: `${where}: same id after one change, ${name}`,
      value: `${rows.filter(({ outcome }) => outcome.areSame[index]).length} of ${rows.length}`,
      bar: '',
    })),
  ]
}

const toFindings = (where: string, rows: readonly Row[], rivals: readonly Observer[]): Finding[] =>
  rows.map(({ name, outcome }) => ({
    what: `${where}, ${name}: ${describeRivals(outcome, rivals.map(shortName))}`,
    value: describeVerdict(outcome),
    bar: '',
  }))

async function benchChromium(crowd: Crowd, rivals: readonly Observer[]): Promise<Finding[]> {
  const browser = await launchChromium(FLAGS)
  const rows: Row[] = []
  const elsewhere: Row[] = []
  try {
    const comeBack = (to: object, isSameNetwork: boolean) =>
      inPlace({ crowd, rivals }, (place) =>
        returnInChromium(browser, place, { to, isSameNetwork, rivals: isSameNetwork ? rivals.length : 0 }),
      )
    for (const { name, to } of TEN_CHANGES) {
      rows.push({ name, outcome: await comeBack(to, true) })
      elsewhere.push({ name, outcome: await comeBack(to, false) })
    }
    const stranger = await comeBack(SOMEBODY_ELSE, false)
    const strange = elsewhere.filter(({ outcome }) => outcome.isRight).length
    return [
      ...toFindings('Chromium', rows, rivals),
      ...countKnown('Chromium', rows, rivals),
      {
        what: 'Chromium: the same, but from a network never seen before, ours',
        value: `${strange} of ${elsewhere.length}`,
        bar: '',
      },
      {
        what: 'Chromium: another machine is taken for the one before',
        value: describeVerdict(stranger),
        bar: 'not recognised',
        isReached: !stranger.isRight,
      },
    ]
  } finally {
    await browser.close()
  }
}

async function benchFirefox(crowd: Crowd, rivals: readonly Observer[]): Promise<Finding[]> {
  const path = findFirefox()
  if (!path) return [{ what: 'Firefox', value: 'none on this machine: set FIREFOX_PATH', bar: '' }]
  // A driven Firefox cannot be kept from saying so.
  const comeBack = async (start: Start): Promise<Row> => ({
    name: start.name,
    outcome: await inPlace({ crowd, rivals, recogniseBots: true }, (place) =>
      returnInFirefox(path, place, { start, rivals: rivals.length }),
    ),
  })
  const rows: Row[] = []
  for (const start of FIREFOX_CHANGES) rows.push(await comeBack(start))
  const modes: Row[] = []
  for (const start of FIREFOX_MODES) modes.push(await comeBack(start))
  return [
    ...toFindings('Firefox', rows, rivals),
    ...countKnown('Firefox', rows, rivals),
    ...toFindings('Firefox', modes, rivals),
  ]
}

/** Ten ordinary changes, one at a time, in real browsers: who still knows the visitor, without cookie and storage. */
export async function benchChanges(): Promise<Finding[]> {
  const [, ...rivals] = await bundleObservers()
  const crowd = await gatherCrowd(PEOPLE)
  try {
    return [...(await benchChromium(crowd, rivals)), ...(await benchFirefox(crowd, rivals))]
  } finally {
    await crowd.close()
  }
}
