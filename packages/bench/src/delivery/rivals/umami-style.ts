// How umami's tracker sends (umami 3.1, src/tracker/index.js): a `fetch` with `keepalive` an event, nothing kept.
import { collector, offerTrack } from './page.ts'

let cache: string | undefined

async function send(data: object): Promise<void> {
  try {
    const response = await fetch(`${collector}/api/send`, {
      keepalive: true,
      method: 'POST',
      body: JSON.stringify({ type: 'event', payload: { website: 'bench', name: 'bench', data } }),
      headers: { 'Content-Type': 'application/json', ...(cache && { 'x-umami-cache': cache }) },
      credentials: 'omit',
    })
    const answer = (await response.json()) as { cache?: string }
    cache = answer.cache
  } catch {
    // As umami does: an event that could not be sent is gone.
  }
}

offerTrack((marker) => send({ marker }))
