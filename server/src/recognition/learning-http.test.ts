import { expect, it, onTestFinished } from 'vitest'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'
import { isHeldOut } from './learning-policy.ts'

const DAY_MS = 86_400_000
const HEADLESS =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0'

async function start() {
  const server = await startServer()
  onTestFinished(() => server.close())
  const { fingerprintSalt } = await server.sites.getDefault()
  return {
    server,
    /** A browser that comes again and again, with whatever its visits send. */
    arrive() {
      const browser = createTestBrowser(server)
      const fingerprint = fingerprintOf(createSignals(), fingerprintSalt)
      return async ({ body = {}, agent = 'Mozilla/5.0' }: { body?: object; agent?: string } = {}) => {
        const answer = await browser.call('POST', '/api/sessions', {
          headers: { 'User-Agent': agent },
          body: { fingerprint, ...body },
        })
        return String(answer.body.visitor.visitorId)
      }
    },
    async learned() {
      const { rooms } = server.server
      await rooms.flush()
      const { db, tables } = server.storage
      const trials = await db.select().from(tables.recognitionTrials)
      const tallies = await db.select().from(tables.recognitionTallies)
      const lessons = tallies.find(({ name }) => name === 'server|lessons')?.total ?? 0
      return { lessons, returns: trials.filter(({ isReturn }) => isReturn).length, trials: trials.length }
    },
  }
}

it('learns from visits that cookies prove, and tries itself blindly on the held-out ones', async () => {
  const { server, arrive, learned } = await start()
  const visits = Array.from({ length: 40 }, () => arrive())
  const ids = await Promise.all(visits.map((visit) => visit()))
  const held = ids.filter(isHeldOut).length
  expect(await learned()).toEqual({ lessons: 0, returns: 0, trials: held })
  server.clock.advance(DAY_MS)
  for (const visit of visits) await visit()
  expect(await learned()).toEqual({ lessons: 40 - held, returns: held, trials: 2 * held })
})

it('learns nothing from programs, nor where somebody said that it is not them', async () => {
  const { server, arrive, learned } = await start()
  for (let count = 0; count < 30; count += 1) {
    const [program, shared] = [arrive(), arrive()]
    await program({ agent: HEADLESS })
    await shared({ body: { fresh: true } })
    for (let visit = 0; visit < 2; visit += 1) {
      server.clock.advance(DAY_MS)
      await program({ agent: HEADLESS })
      await shared()
    }
  }
  expect(await learned()).toEqual({ lessons: 0, returns: 0, trials: 0 })
})
