/** IANA name of the time zone; unlike the offset it does not change with daylight saving. */
export function readTimezone(): string | undefined {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}
