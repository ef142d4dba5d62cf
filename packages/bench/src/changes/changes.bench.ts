import type { Finding, Found } from '../measure.ts'
import { bundleObservers, type Observer } from '../probes/contenders.ts'
import { findChromium, launchChromium, NO_CHROMIUM } from '../sdk/browser.ts'
import type { FigureTable } from '../table.ts'
import { returnInChromium } from './chromium.ts'
import type { Outcome } from './compare.ts'
import { type Crowd, gatherCrowd } from './crowd.ts'
import { describeVerdict } from './describe-outcome.ts'
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

/** Every change with what each made of it. */
const toTable = (title: string, rows: readonly Row[], rivals: readonly Observer[]): FigureTable => ({
  title,
  head: ['change', 'Hello Again', ...rivals.map(({ name }) => name)],
  rows: rows.map(({ name, outcome }) => [
    name,
    describeVerdict(outcome),
    ...outcome.areSame.map((isSame) => (isSame ? 'same id' : 'lost')),
  ]),
})

/** What is to be said where there is no such browser. */
const missing = (where: string, why: string): Found => ({
  findings: [
    {
      what: `${where}: recognised after one change, ours`,
      value: `not measured: ${why}`,
      bar: `${TEN_CHANGES.length} of ${TEN_CHANGES.length}`,
    },
  ],
  tables: [],
})

/** A browser that fails ends its own part only: beside it others have worked for long. */
const orMissing = (where: string) => (error: unknown) => {
  console.error(error)
  return missing(where, error instanceof Error ? error.message.replace(/\n.*/s, '') : String(error))
}

async function benchChromium(crowd: Crowd, rivals: readonly Observer[]): Promise<Found> {
  if (!findChromium()) return missing('Chromium', NO_CHROMIUM)
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
    return {
      findings: [
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
      ],
      tables: [
        toTable('Ten changes in Chromium, one at a time', rows, rivals),
        toTable('The same from a network never seen before', elsewhere, []),
      ],
    }
  } finally {
    await browser.close()
  }
}

async function benchFirefox(crowd: Crowd, rivals: readonly Observer[]): Promise<Found> {
  const path = findFirefox()
  if (!path) return missing('Firefox', 'no Firefox on this machine: set FIREFOX_PATH')
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
  return {
    findings: countKnown('Firefox', rows, rivals),
    tables: [
      toTable('Ten changes in Firefox, one at a time', rows, rivals),
      toTable('Firefox when it begins to hide', modes, rivals),
    ],
  }
}

/** Ten ordinary changes, one at a time, in real browsers: who still knows the visitor, without cookie and storage. */
export async function benchChanges(): Promise<Found> {
  const [, ...rivals] = await bundleObservers()
  const crowd = await gatherCrowd(PEOPLE)
  try {
    const parts = [
      await benchChromium(crowd, rivals).catch(orMissing('Chromium')),
      await benchFirefox(crowd, rivals).catch(orMissing('Firefox')),
    ]
    return {
      findings: parts.flatMap(({ findings }) => findings),
      tables: parts.flatMap(({ tables }) => tables),
    }
  } finally {
    await crowd.close()
  }
}
