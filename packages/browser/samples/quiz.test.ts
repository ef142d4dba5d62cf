// @vitest-environment page
import { type Client, createClient } from '@helloagain/browser'
import { createRecorder, createTestServer, type Recorder, type TestServer } from '@helloagain/browser/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'

// Your own code: here, a quiz that greets by name and goes on where somebody left it.
async function openQuiz(client: Client) {
  client.track('QUIZ_STARTED', { quizType: 'plants' })
  const person = await client.profile()
  const saved = await client.resume('plants')
  return { greeting: `Hello, ${person?.firstName ?? 'you'}!`, step: saved ?? 1 }
}

let server: TestServer
let recorder: Recorder
let hello: Client
const open = () =>
  createClient({ endpoint: 'https://hello.test', fetch: server.fetch, redact: recorder.redact })

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  server = createTestServer()
  recorder = createRecorder()
  hello = open()
})
afterEach(() => hello.close())

it('tells when the quiz is opened', async () => {
  await openQuiz(hello)
  expect(recorder.events('QUIZ_STARTED')).toMatchObject([{ payload: { quizType: 'plants' } }])
  await hello.flush()
  expect(await server.waitForEvent('QUIZ_STARTED')).toBeTruthy()
})

it('greets somebody who was here before, where they left', async () => {
  await hello.identify({ firstName: 'Ada' })
  await hello.saveProgress('plants', 3)
  hello.close()
  hello = open()
  expect(await openQuiz(hello)).toEqual({ greeting: 'Hello, Ada!', step: 3 })
})

it('loses no event while the server is down', async () => {
  server.failNext('network', { path: '/api/events' })
  await openQuiz(hello)
  await hello.flush()
  await hello.flush()
  expect(server.events('QUIZ_STARTED')).toHaveLength(1)
})
