CREATE TABLE `device_keys` (
	`site_id` text NOT NULL,
	`key_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`public_jwk` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	PRIMARY KEY(`site_id`, `key_id`),
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `device_keys_visitor` ON `device_keys` (`visitor_id`);--> statement-breakpoint
CREATE TABLE `recognition_models` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`weights` text NOT NULL,
	`report` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `recognition_models_version` ON `recognition_models` (`site_id`,`version`);--> statement-breakpoint
CREATE TABLE `recognition_tallies` (
	`site_id` text NOT NULL,
	`name` text NOT NULL,
	`hits` integer NOT NULL,
	`total` integer NOT NULL,
	PRIMARY KEY(`site_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `recognition_trials` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`browser_family` text NOT NULL,
	`is_return` integer NOT NULL,
	`method` text NOT NULL,
	`confidence` text NOT NULL,
	`is_right` integer,
	`input` text NOT NULL,
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `recognition_trials_site_time` ON `recognition_trials` (`site_id`,`at_ms`);--> statement-breakpoint
CREATE INDEX `recognition_trials_visitor` ON `recognition_trials` (`visitor_id`);--> statement-breakpoint
CREATE TABLE `token_counts` (
	`site_id` text NOT NULL,
	`token` text NOT NULL,
	`visitors` integer NOT NULL,
	PRIMARY KEY(`site_id`, `token`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `user_device_edges` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`user_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`from_ms` integer NOT NULL,
	`to_ms` integer,
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `user_device_edges_visitor` ON `user_device_edges` (`visitor_id`);--> statement-breakpoint
CREATE INDEX `user_device_edges_user` ON `user_device_edges` (`site_id`,`user_id`);--> statement-breakpoint
-- By hand: in the order of the key, so that the key is not stored twice.
CREATE TABLE `visitor_blocks` (
	`site_id` text NOT NULL,
	`block` text NOT NULL,
	`visitor_id` text NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`site_id`, `block`, `visitor_id`),
	FOREIGN KEY (`visitor_id`) REFERENCES `visitor_profiles`(`visitor_id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `visitor_blocks_recent` ON `visitor_blocks` (`site_id`,`block`,`last_seen_at_ms`,`visitor_id`);--> statement-breakpoint
CREATE INDEX `visitor_blocks_visitor` ON `visitor_blocks` (`visitor_id`);--> statement-breakpoint
CREATE TABLE `visitor_profiles` (
	`visitor_id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`browser_family` text NOT NULL,
	`browser_major` integer,
	`os_family` text NOT NULL,
	`screen_class` text NOT NULL,
	`observations` integer NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	`holds_proof` integer NOT NULL,
	`novelty_day` integer NOT NULL,
	`novelty_count` integer NOT NULL,
	`sets` text NOT NULL,
	`counted` text NOT NULL,
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `visitor_profiles_last_seen` ON `visitor_profiles` (`last_seen_at_ms`);--> statement-breakpoint
ALTER TABLE `visitor_links` ADD `evidence` text;--> statement-breakpoint
ALTER TABLE `visitor_links` ADD `undone_reason` text;--> statement-breakpoint
ALTER TABLE `visitors` ADD `bot_reasons` text;--> statement-breakpoint
CREATE INDEX `visitor_device_ids_last_seen` ON `visitor_device_ids` (`last_seen_at_ms`);--> statement-breakpoint
CREATE INDEX `visitor_fingerprints_last_seen` ON `visitor_fingerprints` (`last_seen_at_ms`);