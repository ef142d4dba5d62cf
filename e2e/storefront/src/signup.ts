import type { SignupAnswer } from '@helloagain/protocol'
import { call, element, openShop } from './shop.ts'

const client = openShop()
const form = element<HTMLFormElement>('#signup')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  client.track('SIGNUP_ATTEMPTED', { formType: 'signup' })
  // Empty fields stay unsaid.
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
  try {
    const answer = await call<SignupAnswer>('/api/users/signup', fields)
    client.setAccessToken(answer.access_token)
    client.track('SIGNUP_COMPLETED', { formType: 'signup' })
    await client.flush()
    location.assign('/account')
  } catch (error) {
    element('#error').textContent = error instanceof Error ? error.message : 'That did not work.'
    client.track('ERROR_OCCURRED', { errorType: 'signup' })
  }
})
