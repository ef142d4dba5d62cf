// Test support: what a person does in the tabs of one browser, step by step, and where each event has to be in the end.
import { type CrowdOptions, type CrowdTab, createCrowd } from './fake-crowd.ts'
import type { Weather } from './fake-weather.ts'

const MOST_TABS = 3

/** What is done to one of the tabs that are alive. */
export type TabDeed = 'flush' | 'hide' | 'reload' | 'reset' | 'restore' | 'show'

/** What is done next; `tab` picks one of those that are alive. */
export type Step =
  | { do: 'die'; tab: number; afterCalls: number }
  | { do: TabDeed; tab: number }
  | { do: 'jump'; ms: number }
  | { do: 'open' }
  | { do: 'pass'; ms: number }
  | { do: 'track'; tab: number; count: number; size: number }
  | { do: 'weather'; weather: Partial<Weather> }

interface Tracked {
  tab: CrowdTab
  /** Under which of them it may arrive. */
  sessionIds: Set<string>
  /** Whether it was in memory alone, as the README says. */
  isVolatile: boolean
}

interface Visit {
  tab: CrowdTab
  /** While a session is opened its id is a guess: events arrive under that, or under the one that is answered. */
  guessed: Set<string> | undefined
}

async function openSession(visit: Visit, opening: Promise<void>): Promise<void> {
  const guessed = new Set<string>()
  visit.guessed = guessed
  await opening
  if (visit.guessed !== guessed) return
  guessed.add(visit.tab.client.sessionId ?? '')
  visit.guessed = undefined
}

export interface JourneyOptions extends CrowdOptions {
  /** Whether the site says nothing about consent, so that the server is asked what silence means. */
  isAsked: boolean
}

export function createJourney({ isAsked, ...options }: JourneyOptions) {
  const crowd = createCrowd(options)
  const { weather, agenda, browser } = crowd
  const tracked = new Map<string, Tracked>()
  const all: Visit[] = []
  const listAlive = (): Visit[] => all.filter(({ tab: { life } }) => !life.isDead)

  function open(storage?: Map<string, string>): void {
    const tab = crowd.open(isAsked ? {} : { consent: 'granted' }, storage)
    const visit: Visit = { tab, guessed: undefined }
    all.push(visit)
    void openSession(visit, tab.client.ready())
  }

  function trackOne(visit: Visit, size: number): void {
    const { tab, guessed } = visit
    const { client, life } = tab
    const type = `E_${tracked.size}`
    const sessionId = client.sessionId ?? ''
    const isVolatile = client.consentMode !== 'recognition' || !crowd.hasRoom(size + 500)
    client.track(type, size ? { text: 'x'.repeat(size) } : {})
    // It died before `track` returned.
    if (life.isDead) return
    tracked.set(type, { tab, sessionIds: guessed?.add(sessionId) ?? new Set([sessionId]), isVolatile })
  }

  function leave({ tab }: Visit, isForGood: boolean): void {
    tab.fire('pagehide')
    tab.hide()
    if (isForGood) {
      tab.die()
      open(tab.tabStorage)
    } else {
      tab.fire('pageshow', { persisted: true })
      tab.show()
    }
  }

  const deeds: Record<TabDeed, (visit: Visit) => void> = {
    flush: ({ tab }) => void tab.client.flush(),
    hide: ({ tab }) => tab.hide(),
    reload: (visit) => leave(visit, true),
    reset: (visit) => void openSession(visit, visit.tab.client.reset()),
    restore: (visit) => leave(visit, false),
    show: ({ tab }) => tab.show(),
  }

  function change(changes: Partial<Weather>): void {
    const wasOnline = weather.isOnline
    Object.assign(weather, changes, changes.next && { next: [...changes.next] })
    if (weather.isOnline && !wasOnline) for (const { tab } of listAlive()) tab.fire('online')
  }

  function touchTab(step: Extract<Step, { tab: number }>): void {
    const alive = listAlive()
    const visit = alive[step.tab % alive.length]
    if (!visit) return
    if (step.do === 'track') {
      for (let n = 0; n < step.count && !visit.tab.life.isDead; n += 1) trackOne(visit, step.size)
    } else if (step.do === 'die') visit.tab.life.callsLeft = step.afterCalls
    else deeds[step.do](visit)
  }

  open()
  return {
    ...{ crowd, tracked, open, change },
    alive: () => listAlive().map(({ tab }) => tab),
    all: () => all.map(({ tab }) => tab),
    async go(step: Step): Promise<void> {
      if ('tab' in step) touchTab(step)
      else if (step.do === 'pass') await agenda.run(step.ms)
      else if (step.do === 'jump') browser.nowMs += step.ms
      else if (step.do === 'weather') change(step.weather)
      else if (listAlive().length < MOST_TABS) open()
    },
    /** Takes it that what tabs which died thought of the session's id was an answer. */
    settleGuesses(): void {
      for (const { guessed, tab } of all) guessed?.add(tab.client.sessionId ?? '')
    },
  }
}
export type Journey = ReturnType<typeof createJourney>
