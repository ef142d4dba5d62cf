// The landing page: Hello Again by script tag; calls go to the global, loaded or not.
interface HelloAgainTag {
  track(type: string, payload?: Record<string, unknown>): void
  optIn(): Promise<void> | undefined
  optOut(): Promise<void> | undefined
}

declare global {
  interface Window {
    /** Missing when the visitor blocks scripts; the shop works without. */
    HelloAgain?: HelloAgainTag
  }
}

const TEXTS = { A: 'Find my plant', B: 'Start the 4-question quiz' } as const

const variant = new URLSearchParams(location.search).get('cta') === 'B' || Math.random() < 0.5 ? 'B' : 'A'
const cta = document.querySelector<HTMLAnchorElement>('#cta')
if (cta) {
  cta.textContent = TEXTS[variant]
  cta.classList.toggle('variant-b', variant === 'B')
  cta.href = `/quiz?cta=${variant}`
  cta.addEventListener('click', () => {
    window.HelloAgain?.track('CONTENT_CLICK', { page: '/', content: 'cta', ctaVariant: variant })
  })
}
document.querySelector('#remember')?.addEventListener('click', () => void window.HelloAgain?.optIn())
document.querySelector('#forget')?.addEventListener('click', () => void window.HelloAgain?.optOut())

export {}
