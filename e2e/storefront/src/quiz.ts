import { element, openShop } from './shop.ts'

const QUESTIONS = [
  {
    name: 'light',
    text: 'How much light has the place?',
    answers: ['Bright', 'Half shade', 'It is a bathroom'],
  },
  { name: 'time', text: 'How often do you remember watering?', answers: ['Weekly', 'Monthly', 'Watering?'] },
  { name: 'cat', text: 'Who else lives there?', answers: ['Just me', 'A cat', 'Small children'] },
  { name: 'size', text: 'How big may it grow?', answers: ['A hand', 'A chair', 'The ceiling'] },
] as const

interface QuizState {
  answers: string[]
}

const client = openShop()
let state: QuizState = { answers: [] }

function isQuizState(value: unknown): value is QuizState {
  const { answers } = (value ?? {}) as Partial<QuizState>
  return Array.isArray(answers) && answers.every((one) => typeof one === 'string')
}

function match(): string {
  if (state.answers[2] === 'A cat') return 'Calathea'
  return state.answers[1] === 'Weekly' ? 'Monstera' : 'ZZ plant'
}

function show(): void {
  const question = QUESTIONS[state.answers.length]
  element<HTMLProgressElement>('#bar').value = state.answers.length
  element('#quiz').hidden = !question
  element('#result').hidden = Boolean(question)
  if (!question) {
    element('#match').textContent = match()
    return
  }
  element('#question').textContent = question.text
  element('#answers').replaceChildren(
    ...question.answers.map((text) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = text
      button.addEventListener('click', () => answer(text))
      return button
    }),
  )
}

function answer(text: string): void {
  if (state.answers.length === 0) client.track('QUIZ_STARTED', { quizType: 'plant' })
  state = { answers: [...state.answers, text] }
  void client.saveProgress('plant-quiz', state)
  if (state.answers.length === QUESTIONS.length) {
    client.track('QUIZ_COMPLETED', { quizType: 'plant', answersCount: state.answers.length })
    void client.identify({ plant: match() })
  }
  show()
}

element('#again').addEventListener('click', () => {
  state = { answers: [] }
  void client.saveProgress('plant-quiz', state)
  show()
})

show()
const saved = await client.resume('plant-quiz')
if (isQuizState(saved) && saved.answers.length > 0 && state.answers.length === 0) {
  state = saved
  element('#resumed').hidden = false
  show()
}
