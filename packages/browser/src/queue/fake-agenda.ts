// Test support: what time, tasks and Web Locks are to the tabs of a fake browser.
import type { FakeBrowser } from '../fake-browser.ts'

interface Appointment {
  atMs: number
  owner: object
  work(): void
}

/** Time that passes when it is told to. */
export function createAgenda(browser: FakeBrowser) {
  let appointments: Appointment[] = []
  let sinceStartMs = 0
  const pass = (ms: number): void => {
    sinceStartMs += ms
    browser.nowMs += ms
  }
  return {
    add(owner: object, delayMs: number, work: () => void): Appointment {
      const appointment = { atMs: sinceStartMs + Math.max(delayMs, 0), owner, work }
      appointments.push(appointment)
      return appointment
    },
    remove(which: (appointment: Appointment) => boolean): void {
      appointments = appointments.filter((appointment) => !which(appointment))
    },
    /** @returns how many appointments were kept */
    async run(ms: number): Promise<number> {
      const untilMs = sinceStartMs + ms
      for (let kept = 0; ; kept += 1) {
        await settle()
        const [first] = appointments.sort((a, b) => a.atMs - b.atMs)
        if (!first || first.atMs > untilMs) {
          pass(untilMs - sinceStartMs)
          return kept
        }
        if (kept > 3000) throw new Error(`Hot: ${kept} appointments in ${ms - (untilMs - sinceStartMs)} ms`)
        appointments.shift()
        pass(Math.max(first.atMs - sinceStartMs, 0))
        first.work()
      }
    },
  }
}

/** A task later, as `setTimeout` is but without its millisecond. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await nextTask()
}

interface LockRequest {
  owner: object
  name: string
  grant(): void
}

/** Web Locks, which a tab loses when it dies. */
export function createLocks() {
  let line: LockRequest[] = []
  const release = (which: (request: LockRequest) => boolean): void => {
    const heads = new Map(line.toReversed().map((request) => [request.name, request]))
    line = line.filter((request) => !which(request))
    for (const { name } of heads.values()) {
      const head = line.find((request) => request.name === name)
      if (head && head !== heads.get(name)) head.grant()
    }
  }
  return {
    isFree: () => line.length === 0,
    lose: (owner: object) => release((request) => request.owner === owner),
    openFor: (owner: { isDead: boolean }) => ({
      request: <T>(name: string, work: () => Promise<T>) =>
        new Promise<T>((resolve, reject) => {
          if (owner.isDead) return
          const request: LockRequest = {
            ...{ owner, name },
            grant: () =>
              void Promise.resolve()
                .then(work)
                .then(resolve, reject)
                .finally(() => release((other) => other === request)),
          }
          const isFirst = !line.some((other) => other.name === name)
          line.push(request)
          if (isFirst) request.grant()
        }),
    }),
  }
}
