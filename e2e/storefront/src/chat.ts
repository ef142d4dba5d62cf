import type { SignupAnswer } from '@helloagain/protocol'
import { call, element, openShop } from './shop.ts'

const STEPS = [
  { field: 'firstName', question: 'Hi, I am Fern. What may I call you?' },
  { field: 'city', question: 'Nice to meet you, {firstName}! Which city do your plants live in?' },
  { field: 'email', question: 'Where shall I send your watering reminders? Your e-mail address, please.' },
] as const

type Known = Partial<Record<(typeof STEPS)[number]['field'], string>>

const client = openShop()
let known: Known = {}

function say(text: string, isMine = false): void {
  const line = document.createElement('p')
  line.textContent = text.replace('{firstName}', known.firstName ?? 'you')
  line.classList.toggle('me', isMine)
  element('#talk').append(line)
}

const nextStep = () => STEPS.find(({ field }) => known[field] === undefined)

async function finish(): Promise<void> {
  try {
    client.track('SIGNUP_ATTEMPTED', { formType: 'chat' })
    const answer = await call<SignupAnswer>('/api/users/signup', known)
    client.setAccessToken(answer.access_token)
    client.track('SIGNUP_COMPLETED', { formType: 'chat' })
    say('Done! You are in the club, {firstName}.')
    element('#say').hidden = true
  } catch (error) {
    say(error instanceof Error ? error.message : 'That did not work.')
    known = { ...known }
    delete known.email
    say('Shall we try the address once more?')
  }
}

function ask(): void {
  const step = nextStep()
  if (step) say(step.question)
  else void finish()
}

element('#say').addEventListener('submit', (event) => {
  event.preventDefault()
  const input = element<HTMLInputElement>('#answer')
  const step = nextStep()
  if (!step) return
  const text = input.value.trim()
  if (text === '') return
  if (Object.keys(known).length === 0) client.track('CHAT_START', { formType: 'chat' })
  known = { ...known, [step.field]: text }
  say(text, true)
  input.value = ''
  void client.identify({ [step.field]: text })
  void client.saveProgress('chat', known)
  ask()
})

const saved = (await client.resume('chat')) as Known | null
if (saved && typeof saved === 'object') {
  known = saved
  if (known.firstName) say('There you are again, {firstName}.')
}
if (nextStep()) ask()
else {
  say('You are in the club already, {firstName}.')
  element('#say').hidden = true
}
