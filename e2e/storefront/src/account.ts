import type { TokenAnswer } from '@helloagain/protocol'
import { call, element, openShop } from './shop.ts'

const LABELS: Record<string, string> = {
  email: 'E-mail',
  firstName: 'First name',
  profession: 'Profession',
  age: 'Age',
  gender: 'Gender',
  household: 'Household',
  city: 'City',
  country: 'Country',
  plant: 'Your plant',
}

const client = openShop()

async function showKnown(): Promise<boolean> {
  const data = await client.profile()
  if (!data || Object.keys(data).length === 0) return false
  element('#hello').textContent = data.firstName ? `Hello, ${data.firstName}` : 'Hello'
  const rows = Object.entries(data).flatMap(([field, value]) => {
    const [term, detail] = [document.createElement('dt'), document.createElement('dd')]
    term.textContent = LABELS[field] ?? field
    detail.textContent = String(value)
    return [term, detail]
  })
  element('#fields').replaceChildren(...rows)
  element('#known').hidden = false
  element('#login').hidden = true
  return true
}

/** The token lives in memory: after a page change the refresh cookie brings a new one. */
async function refreshToken(): Promise<boolean> {
  try {
    const { access_token } = await call<TokenAnswer>('/api/auth/refresh', {})
    client.setAccessToken(access_token)
    return true
  } catch {
    // Not signed in on this browser; the page then shows the log-in form.
    return false
  }
}

element('#login').addEventListener('submit', async (event) => {
  event.preventDefault()
  const fields = Object.fromEntries(new FormData(element<HTMLFormElement>('#login')))
  try {
    const { access_token } = await call<TokenAnswer>('/api/auth/login', fields)
    client.setAccessToken(access_token)
    await showKnown()
  } catch (error) {
    element('#error').textContent = error instanceof Error ? error.message : 'That did not work.'
  }
})

element('#logout').addEventListener('click', async () => {
  await call('/api/auth/logout', {})
  client.setAccessToken(null)
  await client.reset()
  location.reload()
})

element('#erase').addEventListener('click', async () => {
  await call(`/api/sessions/${client.sessionId ?? ''}`, {}, 'DELETE')
  await client.reset()
  location.reload()
})

await client.ready()
await refreshToken()
if (!(await showKnown())) element('#login').hidden = false
