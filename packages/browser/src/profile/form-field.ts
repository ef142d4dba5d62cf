export type FormField = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

/** Inputs that hold no answer, or one that is never empty. */
const NOT_FILLABLE = /^(?:button|color|file|hidden|image|password|range|reset|submit)$/
const SENSITIVE_AUTOCOMPLETE =
  /(?:^|\s)(?:cc-\S+|one-time-code|current-password|new-password|webauthn)(?:\s|$)/
const SENSITIVE_NAME =
  /card|cvv|cvc|csc|iban|swift|passw|pwd|secret|token|csrf|captcha|otp|onetime|passport|taxid|routing|sortcode|accountn/
/** Words that mean something else inside a longer one (`shipping`, `assn`). */
const SENSITIVE_WORD = /(?:^|[^a-z])(?:pin|ssn|bic|tan|cc|ccn|security code|verification code)(?:[^a-z]|$)/
/** Consent is given by a tick of the person's own (CJEU C-673/17, Planet49). */
const CONSENT_NAME = /consent|terms|agree|accept|newsletter|marketing|privacy|gdpr|subscribe|optin/

/** Name and id as lower-case words: `cardNumber` → `card number`. */
const words = (text: string): string =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]/g, ' ')
    .toLowerCase()

const compact = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Fields of a form in which a person answers, in document order. */
export function listFields(form: HTMLFormElement): FormField[] {
  return Array.from(form.elements).filter(
    (element): element is FormField =>
      (element instanceof HTMLInputElement && !NOT_FILLABLE.test(element.type)) ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement,
  )
}

/**
 * Whether a field may hold a secret or payment data, or is a consent. Such fields are neither filled, saved nor
 * named in events.
 */
export function isSensitive(field: FormField): boolean {
  if (SENSITIVE_AUTOCOMPLETE.test(field.autocomplete?.toLowerCase() ?? '')) return true
  // A page may turn a password to text to show it; what says so stays in the name.
  const isCheckbox = field instanceof HTMLInputElement && field.type === 'checkbox'
  return [field.name, field.id].some(
    (name) =>
      SENSITIVE_NAME.test(compact(name)) ||
      SENSITIVE_WORD.test(words(name)) ||
      (isCheckbox && CONSENT_NAME.test(compact(name))),
  )
}

/**
 * Whether a person can see the field. Invisible ones are bait: of bots (honeypots), or of a form that wants more
 * than it shows.
 */
export function isVisible(field: FormField): boolean {
  if (isShown(field)) return true
  // Designers hide radio buttons and checkboxes and draw their labels instead.
  const isTick = field instanceof HTMLInputElement && /^(?:checkbox|radio)$/.test(field.type)
  return isTick && Array.from(field.labels ?? []).some(isShown)
}

function isShown(element: HTMLElement): boolean {
  if (typeof element.checkVisibility === 'function') {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false
  }
  const { width, height, right, bottom } = element.getBoundingClientRect()
  return width > 1 && height > 1 && right + scrollX > 0 && bottom + scrollY > 0
}

/** Whether nobody has answered yet. */
export function isEmpty(field: FormField): boolean {
  if (field instanceof HTMLInputElement && field.type === 'checkbox') return !field.checked
  if (field instanceof HTMLInputElement && field.type === 'radio') {
    return !radioGroup(field).some((radio) => radio.checked)
  }
  return field.value === ''
}

/** The radio buttons of one question. */
export function radioGroup(field: HTMLInputElement): HTMLInputElement[] {
  const peers = field.form ? Array.from(field.form.elements) : [field]
  return peers.filter(
    (peer): peer is HTMLInputElement =>
      peer instanceof HTMLInputElement && peer.type === 'radio' && peer.name === field.name,
  )
}

/** What events and saved state call a field; undefined for one without a name. */
export function findFieldName(field: FormField): string | undefined {
  return (field.name || field.id).slice(0, 64) || undefined
}

/** Names of fields, and autocomplete words, that mean a profile field of another name. */
const SYNONYMS: Record<string, string> = {
  mail: 'email',
  emailaddress: 'email',
  fname: 'firstname',
  givenname: 'firstname',
  lname: 'lastname',
  surname: 'lastname',
  familyname: 'lastname',
  sex: 'gender',
  job: 'profession',
  jobtitle: 'profession',
  occupation: 'profession',
  organizationtitle: 'profession',
  town: 'city',
  addresslevel2: 'city',
  countryname: 'country',
  tel: 'phone',
  bday: 'birthday',
  zip: 'postalcode',
}
/** `signup[email]`, `your-name`. `friend_email` is somebody else's and matches nothing. */
const OWN_PREFIX = /^(?:user|signup|register|profile|customer|contact|your|my|form)/
/** Autocomplete words that name no field. @see https://html.spec.whatwg.org/#autofill-field */
const NO_FIELD = /^(?:on|off|section-.*|shipping|billing|home|work|mobile)?$/

/** The profile field a form field asks for: by `data-ha-field`, then autocomplete, name and id. */
export function findProfileField(field: FormField, known: readonly string[]): string | undefined {
  const named = field.getAttribute('data-ha-field')
  if (named !== null) return known.find((name) => name === named)
  const asked = (field.autocomplete ?? '')
    .toLowerCase()
    .split(/\s+/)
    .find((word) => !NO_FIELD.test(word))
  // A page that says what it asks for is believed over its own names.
  const texts = asked === undefined ? [field.name, field.id] : [asked]
  const wanted = texts.flatMap((text) => {
    const plain = compact(text)
    return [plain, plain.replace(OWN_PREFIX, '')].map(canonical)
  })
  return known.find((name) => name !== '' && wanted.includes(compact(name)))
}

const canonical = (name: string): string =>
  (Object.prototype.propertyIsEnumerable.call(SYNONYMS, name) && SYNONYMS[name]) || name
