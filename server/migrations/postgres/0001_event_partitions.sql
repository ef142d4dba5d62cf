CREATE TABLE "event_horizon" (
	"id" text PRIMARY KEY NOT NULL,
	"complete_from_ms" bigint NOT NULL,
	"rebuilds" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_rollups" (
	"site_id" text NOT NULL,
	"quarter_ms" bigint NOT NULL,
	"event_type" text NOT NULL,
	"shard" integer NOT NULL,
	"events" integer NOT NULL,
	"unproven_events" integer NOT NULL,
	"erased_events" integer NOT NULL,
	"erased_unproven_events" integer NOT NULL,
	CONSTRAINT "event_rollups_site_id_quarter_ms_event_type_shard_pk" PRIMARY KEY("site_id","quarter_ms","event_type","shard")
);
--> statement-breakpoint
ALTER TABLE "user_sessions" ADD COLUMN "clock_offset_ms" bigint;
--> statement-breakpoint
-- By hand from here: drizzle-kit knows no partitions. The log is made anew, split by month (UTC), and its rows move over.
ALTER TABLE "event_logs" RENAME TO "event_logs_whole";
--> statement-breakpoint
ALTER TABLE "event_logs_whole" RENAME CONSTRAINT "event_logs_site_id_event_id_pk" TO "event_logs_whole_pk";
--> statement-breakpoint
DROP INDEX "event_logs_session_time";
--> statement-breakpoint
CREATE TABLE "event_logs" (
	"site_id" text NOT NULL,
	"event_id" text NOT NULL,
	"session_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"visit_id" text,
	"event_type" text NOT NULL,
	"payload" jsonb NOT NULL,
	"seq" integer,
	"timestamp_ms" bigint NOT NULL,
	"client_timestamp_ms" bigint,
	"sent_at_ms" bigint,
	"received_at_ms" bigint NOT NULL,
	"is_proven" boolean NOT NULL,
	"partition_ms" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "event_logs_site_id_event_id_partition_ms_pk" PRIMARY KEY("site_id","event_id","partition_ms")
) PARTITION BY RANGE ("partition_ms");
--> statement-breakpoint
-- Apart from the default partition, which is searched under lock whenever a month is added.
CREATE TABLE "event_logs_undated" PARTITION OF "event_logs" FOR VALUES FROM (0) TO (1);
--> statement-breakpoint
CREATE TABLE "event_logs_default" PARTITION OF "event_logs" DEFAULT;
--> statement-breakpoint
-- The months of the rows there are; the server makes those to come.
DO $$
DECLARE
	month timestamp;
BEGIN
	CREATE FUNCTION pg_temp.partition_ms(event_id text, client_timestamp_ms bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $f$
		SELECT CASE WHEN event_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7'
			-- The first 48 bits of a UUIDv7 are its time: RFC 9562 §5.7.
			THEN ('x0000' || substr(event_id, 1, 8) || substr(event_id, 10, 4))::bit(64)::bigint
			ELSE coalesce(client_timestamp_ms, 0) END
	$f$;
	FOR month IN
		SELECT DISTINCT date_trunc('month', to_timestamp(at_ms / 1000.0) AT TIME ZONE 'UTC')
		FROM (SELECT pg_temp.partition_ms(event_id, client_timestamp_ms) AS at_ms FROM event_logs_whole) AS dated
		WHERE at_ms BETWEEN extract(epoch FROM now() - interval '5 years') * 1000 AND extract(epoch FROM now()) * 1000
	LOOP
		EXECUTE format('CREATE TABLE %I PARTITION OF event_logs FOR VALUES FROM (%s) TO (%s)',
			'event_logs_' || to_char(month, 'YYYY_MM'),
			(extract(epoch FROM month) * 1000)::bigint,
			(extract(epoch FROM month + interval '1 month') * 1000)::bigint);
	END LOOP;
	INSERT INTO event_logs (site_id, event_id, session_id, visitor_id, visit_id, event_type, payload, seq, timestamp_ms, client_timestamp_ms, sent_at_ms, received_at_ms, is_proven, partition_ms)
		SELECT site_id, event_id, session_id, visitor_id, visit_id, event_type, payload, seq, timestamp_ms, client_timestamp_ms, sent_at_ms, received_at_ms, is_proven, pg_temp.partition_ms(event_id, client_timestamp_ms) FROM event_logs_whole;
	DROP FUNCTION pg_temp.partition_ms;
END $$;
--> statement-breakpoint
DROP TABLE "event_logs_whole";
--> statement-breakpoint
CREATE INDEX "event_logs_session_time" ON "event_logs" USING btree ("site_id","session_id","timestamp_ms");
--> statement-breakpoint
-- Retention asks what is old; by blocks (BRIN) that costs an insert next to nothing.
CREATE INDEX "event_logs_time_blocks" ON "event_logs" USING brin ("timestamp_ms");
--> statement-breakpoint
INSERT INTO event_rollups (site_id, quarter_ms, event_type, shard, events, unproven_events, erased_events, erased_unproven_events)
SELECT site_id, at_ms - at_ms % 900000, event_type, 0, count(*), sum(CASE WHEN is_proven THEN 0 ELSE 1 END), 0, 0
FROM (SELECT site_id, event_type, is_proven, CASE WHEN timestamp_ms < received_at_ms THEN timestamp_ms ELSE received_at_ms END AS at_ms FROM event_logs) AS happened
GROUP BY 1, 2, 3;
--> statement-breakpoint
INSERT INTO event_horizon (id, complete_from_ms, rebuilds) VALUES ('log', 0, 0);
