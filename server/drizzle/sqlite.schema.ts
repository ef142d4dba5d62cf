import { sqliteColumns } from '../src/platform/storage/columns.ts'
import { buildTables } from '../src/tables.ts'

export const {
  sites,
  siteOrigins,
  siteKeys,
  visitors,
  visitorFingerprints,
  visitorDeviceIds,
  visitorLinks,
  userSessions,
  visits,
  profileFields,
  progressStates,
  consentDecisions,
  eventLogs,
  activityCounts,
  eventRollups,
  eventHorizon,
  journeys,
  journeyTransitions,
  users,
  loginSessions,
  refreshTokens,
  signingKeys,
} = buildTables(sqliteColumns)
