CREATE TABLE `event_horizon` (
	`id` text PRIMARY KEY NOT NULL,
	`complete_from_ms` integer NOT NULL,
	`rebuilds` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `event_rollups` (
	`site_id` text NOT NULL,
	`quarter_ms` integer NOT NULL,
	`event_type` text NOT NULL,
	`shard` integer NOT NULL,
	`events` integer NOT NULL,
	`unproven_events` integer NOT NULL,
	`erased_events` integer NOT NULL,
	`erased_unproven_events` integer NOT NULL,
	PRIMARY KEY(`site_id`, `quarter_ms`, `event_type`, `shard`)
);
--> statement-breakpoint
ALTER TABLE `event_logs` ADD `partition_ms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `user_sessions` ADD `clock_offset_ms` integer;--> statement-breakpoint
-- By hand from here. The first 48 bits of a UUIDv7 are its time (RFC 9562 §5.7); SQLite has no words for hexadecimal.
UPDATE event_logs SET partition_ms = CASE WHEN event_id GLOB '????????-????-7*' THEN
	(instr('0123456789abcdef', substr(event_id, 1, 1)) - 1) * 17592186044416 +
	(instr('0123456789abcdef', substr(event_id, 2, 1)) - 1) * 1099511627776 +
	(instr('0123456789abcdef', substr(event_id, 3, 1)) - 1) * 68719476736 +
	(instr('0123456789abcdef', substr(event_id, 4, 1)) - 1) * 4294967296 +
	(instr('0123456789abcdef', substr(event_id, 5, 1)) - 1) * 268435456 +
	(instr('0123456789abcdef', substr(event_id, 6, 1)) - 1) * 16777216 +
	(instr('0123456789abcdef', substr(event_id, 7, 1)) - 1) * 1048576 +
	(instr('0123456789abcdef', substr(event_id, 8, 1)) - 1) * 65536 +
	(instr('0123456789abcdef', substr(event_id, 10, 1)) - 1) * 4096 +
	(instr('0123456789abcdef', substr(event_id, 11, 1)) - 1) * 256 +
	(instr('0123456789abcdef', substr(event_id, 12, 1)) - 1) * 16 +
	(instr('0123456789abcdef', substr(event_id, 13, 1)) - 1) * 1
	ELSE coalesce(client_timestamp_ms, 0) END;
--> statement-breakpoint
INSERT INTO event_rollups (site_id, quarter_ms, event_type, shard, events, unproven_events, erased_events, erased_unproven_events)
SELECT site_id, at_ms - at_ms % 900000, event_type, 0, count(*), sum(CASE WHEN is_proven THEN 0 ELSE 1 END), 0, 0
FROM (SELECT site_id, event_type, is_proven, CASE WHEN timestamp_ms < received_at_ms THEN timestamp_ms ELSE received_at_ms END AS at_ms FROM event_logs) AS happened
GROUP BY 1, 2, 3;
--> statement-breakpoint
INSERT INTO event_horizon (id, complete_from_ms, rebuilds) VALUES ('log', 0, 0);
