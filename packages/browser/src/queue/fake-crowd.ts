// Test support: tabs of one browser in all weathers. A tab may die between any two calls to what is outside of it.
import { createFakeBrowser, openLocalStorage } from '../fake-browser.ts'
import { createFakeIndexedDb } from '../fake-indexed-db.ts'
import { openPage, start } from '../fake-page.ts'
import type { ClientOptions } from '../options.ts'
import { createAgenda, createLocks } from './fake-agenda.ts'
import { PREFIX } from './fake-queue.ts'
import { createWeatherServer, FAIR, type Weather } from './fake-weather.ts'

export interface CrowdOptions {
  hasLocks: boolean
  hasChannel: boolean
}

/** What the tabs share. */
function createSky(options: CrowdOptions) {
  const browser = createFakeBrowser()
  const weather: Weather = { ...FAIR }
  let turn = 0
  return {
    ...{ ...options, browser, weather, agenda: createAgenda(browser), locks: createLocks() },
    server: createWeatherServer(weather),
    /** Types of events localStorage refused. */
    unstaged: new Set<string>(),
    roll: (dice: boolean[]): boolean => dice.length > 0 && dice[turn++ % dice.length] === true,
  }
}
type Sky = ReturnType<typeof createSky>

function createLife({ browser, locks, agenda }: Sky, target: object) {
  const life = { isDead: false, callsLeft: Infinity, channels: new Set<BroadcastChannel>() }
  function die(): void {
    if (life.isDead) return
    life.isDead = true
    browser.watchers.delete(target)
    for (const channel of life.channels) channel.close()
    locks.lose(life)
    agenda.remove(({ owner }) => owner === life)
  }
  return {
    ...{ life, die },
    /** One call to the outside. Throws in a tab that is dead, so that it changes nothing any more. */
    touch(): void {
      life.callsLeft -= 1
      if (life.callsLeft < 0) die()
      if (life.isDead) throw new Error('dead')
    },
  }
}
type Living = ReturnType<typeof createLife>

function openStorage({ browser, weather, roll, unstaged }: Sky, { touch }: Living, target: object): Storage {
  const storage = openLocalStorage(browser, target)
  const living: Storage = {
    ...storage,
    getItem(key) {
      touch()
      return storage.getItem(key)
    },
    removeItem(key) {
      touch()
      storage.removeItem(key)
    },
    setItem(key, text) {
      touch()
      if (roll(weather.diskRefuses)) {
        if (key.startsWith(PREFIX)) unstaged.add(JSON.parse(text).event?.eventType)
        throw new DOMException('', 'QuotaExceededError')
      }
      storage.setItem(key, text)
    },
  }
  return Object.defineProperty(living, 'length', { get: () => browser.local.size })
}

function openDatabases({ browser, weather, roll }: Sky, { touch }: Living) {
  const fake = createFakeIndexedDb(browser.indexedDb.databases)
  Object.defineProperty(fake, 'isBlocked', {
    get() {
      touch()
      return roll(weather.databaseFails)
    },
  })
  return {
    open: (name: string) => (weather.isDatabaseSilent ? {} : fake.factory.open(name)),
    databases() {
      touch()
      return fake.factory.databases()
    },
    deleteDatabase(name: string) {
      touch()
      return fake.factory.deleteDatabase(name)
    },
  }
}

function createFetch({ weather, agenda, server }: Sky, { life, touch }: Living) {
  return (url: string, init: RequestInit = {}): Promise<Partial<Response>> => {
    touch()
    if (init.keepalive) return server.takeBeacon(init.body as Blob).then(() => ({ ok: true }))
    const sent = {
      ...{ method: 'POST', path: new URL(url).pathname, credentials: undefined },
      headers: { ...(init.headers as Record<string, string>) },
      body: JSON.parse(String(init.body)),
    }
    return new Promise((resolve, reject) => {
      // What arrives is dealt with even if the tab dies; then nobody hears the answer.
      const arrive = (): void => {
        try {
          const { status, body, retryAfter } = server.answer(sent, life)
          const headers = new Headers(retryAfter ? { 'Retry-After': retryAfter } : {})
          const response = { ok: status < 300, status, headers, json: async () => body }
          agenda.add(life, weather.latencyMs, () => resolve(response))
        } catch (error) {
          agenda.add(life, weather.latencyMs, () => reject(error))
        }
      }
      if (weather.isOnline) agenda.add(weather, weather.latencyMs, arrive)
      else agenda.add(life, 1, () => reject(new TypeError('Failed to fetch')))
    })
  }
}

function createChannel({ browser }: Sky, { life }: Living): typeof BroadcastChannel {
  return class extends browser.Channel {
    constructor(name: string) {
      super(name)
      life.channels.add(this)
    }
    override postMessage(data: unknown): void {
      if (!life.isDead) super.postMessage(data)
    }
  }
}

function openCrowdTab(sky: Sky, options: ClientOptions, tabStorage: Map<string, string>) {
  const { browser, weather, agenda, locks, server } = sky
  const page = openPage({ browser, tab: tabStorage })
  const { target, document, scope } = page
  const living = createLife(sky, target)
  const { life, die, touch } = living
  Object.assign(scope, {
    localStorage: openStorage(sky, living, target),
    indexedDB: openDatabases(sky, living),
    fetch: createFetch(sky, living),
    BroadcastChannel: sky.hasChannel ? createChannel(sky, living) : undefined,
    setTimeout: (work: () => void, delayMs: number) => (life.isDead ? {} : agenda.add(life, delayMs, work)),
    clearTimeout: (timer: unknown) => agenda.remove((appointment) => appointment === timer),
  })
  Object.assign(scope.navigator, {
    locks: sky.hasLocks ? locks.openFor(life) : undefined,
    sendBeacon(_url: string, data: Blob) {
      touch()
      if (weather.beacon !== 'refused') void server.takeBeacon(data)
      return weather.beacon !== 'refused'
    },
  })
  Object.defineProperty(scope.navigator, 'onLine', { get: () => weather.isOnline })

  const drops: string[] = []
  const { client, errors } = start(page, {
    ...options,
    onDrop(_reason, events) {
      if (!life.isDead) drops.push(...events.map(({ eventType }) => eventType))
    },
  })
  const see = (visibilityState: string): void => {
    document.visibilityState = visibilityState
    document.dispatchEvent(new Event('visibilitychange'))
  }
  return {
    ...{ client, errors, drops, life, die, tabStorage },
    hide: () => see('hidden'),
    show: () => see('visible'),
    fire: (type: string, members = {}) =>
      target.dispatchEvent(Object.assign(new Event(type), { persisted: false, ...members })),
  }
}
export type CrowdTab = ReturnType<typeof openCrowdTab>

/** A browser, its tabs, and a server that stores events by their ids. */
export function createCrowd(options: CrowdOptions) {
  const sky = createSky(options)
  const { local, indexedDb } = sky.browser
  const staged = () => [...local].filter(([key]) => key.startsWith(PREFIX) && !/(pause|lease)$/.test(key))
  return {
    ...sky,
    open: (given: ClientOptions = {}, tabStorage = new Map<string, string>()) =>
      openCrowdTab(sky, given, tabStorage),
    /** Whether localStorage is within the bounds of README.md with one more event of some characters. */
    hasRoom(size: number): boolean {
      const sizes = staged().map(([, text]) => Math.max(text.length, 262))
      return sizes.length < 1000 && sizes.reduce((sum, other) => sum + other, size) < 262_144
    },
    /** Keys of events on disk. */
    onDisk: () => [
      ...staged().map(([key]) => key),
      ...[...indexedDb.databases.values()].flatMap((rows) => [...rows.keys()]),
    ],
  }
}
