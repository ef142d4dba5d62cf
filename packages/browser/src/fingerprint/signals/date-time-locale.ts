/** Language in which the browser writes dates; differs from the page languages where the system's region does. */
export function readDateTimeLocale(): string {
  return new Intl.DateTimeFormat().resolvedOptions().locale
}
