CREATE TABLE `activity_counts` (
	`site_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`activity_type` text NOT NULL,
	`count` integer NOT NULL,
	`last_at_ms` integer NOT NULL,
	PRIMARY KEY(`visitor_id`, `activity_type`)
);
--> statement-breakpoint
CREATE TABLE `consent_decisions` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`session_id` text,
	`choice` text NOT NULL,
	`mode` text NOT NULL,
	`by_person` integer NOT NULL,
	`opt_out_signal` integer NOT NULL,
	`wording` text,
	`decided_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `consent_decisions_session` ON `consent_decisions` (`site_id`,`session_id`);--> statement-breakpoint
CREATE TABLE `event_logs` (
	`site_id` text NOT NULL,
	`event_id` text NOT NULL,
	`session_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`visit_id` text,
	`event_type` text NOT NULL,
	`payload` text NOT NULL,
	`seq` integer,
	`timestamp_ms` integer NOT NULL,
	`client_timestamp_ms` integer,
	`sent_at_ms` integer,
	`received_at_ms` integer NOT NULL,
	`is_proven` integer NOT NULL,
	PRIMARY KEY(`site_id`, `event_id`)
);
--> statement-breakpoint
CREATE INDEX `event_logs_session_time` ON `event_logs` (`site_id`,`session_id`,`timestamp_ms`);--> statement-breakpoint
CREATE TABLE `journey_transitions` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`subject_id` text NOT NULL,
	`from_type` text,
	`to_type` text NOT NULL,
	`from_stage` text,
	`to_stage` text NOT NULL,
	`changed_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `journey_transitions_subject` ON `journey_transitions` (`subject_id`,`changed_at_ms`);--> statement-breakpoint
CREATE TABLE `journeys` (
	`subject_id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`user_type` text NOT NULL,
	`journey_stage` text NOT NULL,
	`first_visit_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `journeys_site_type` ON `journeys` (`site_id`,`user_type`);--> statement-breakpoint
CREATE TABLE `login_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`user_id` text NOT NULL,
	`session_id` text,
	`browser` text,
	`os` text,
	`ip_prefix` text,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer NOT NULL,
	`idle_expires_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	`revoked_reason` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `login_sessions_user` ON `login_sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `login_sessions_session` ON `login_sessions` (`session_id`);--> statement-breakpoint
CREATE TABLE `profile_fields` (
	`site_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`field` text NOT NULL,
	`value` text NOT NULL,
	`source` text NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`visitor_id`, `field`),
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `progress_states` (
	`site_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`name` text NOT NULL,
	`state` text NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`visitor_id`, `name`),
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `refresh_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`login_session_id` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`used_at_ms` integer,
	`successor_hash` text,
	FOREIGN KEY (`login_session_id`) REFERENCES `login_sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `refresh_tokens_login_session` ON `refresh_tokens` (`login_session_id`);--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`kid` text PRIMARY KEY NOT NULL,
	`public_jwk` text NOT NULL,
	`private_sealed` text NOT NULL,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `site_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`kind` text NOT NULL,
	`hash` text NOT NULL,
	`value` text,
	`hint` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `site_keys_hash` ON `site_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `site_keys_site` ON `site_keys` (`site_id`);--> statement-breakpoint
CREATE TABLE `site_origins` (
	`site_id` text NOT NULL,
	`origin` text NOT NULL,
	PRIMARY KEY(`site_id`, `origin`),
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `sites` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`fingerprint_salt` text NOT NULL,
	`unset_mode` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sites_name` ON `sites` (`name`);--> statement-breakpoint
CREATE TABLE `user_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`session_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`user_id` text,
	`cookie_hash` text,
	`device_key_id` text,
	`mode` text NOT NULL,
	`metadata` text NOT NULL,
	`first_touch` text,
	`last_touch` text,
	`current_visit_id` text,
	`last_seen_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`converted_at_ms` integer,
	`converted_user` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_sessions_site_session` ON `user_sessions` (`site_id`,`session_id`);--> statement-breakpoint
CREATE INDEX `user_sessions_cookie` ON `user_sessions` (`site_id`,`cookie_hash`);--> statement-breakpoint
CREATE INDEX `user_sessions_visitor` ON `user_sessions` (`visitor_id`);--> statement-breakpoint
CREATE INDEX `user_sessions_user` ON `user_sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `user_sessions_expires` ON `user_sessions` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`external_id` text,
	`email` text,
	`email_key` text,
	`email_verified_at_ms` integer,
	`username` text,
	`username_key` text,
	`password_hash` text,
	`attributes` text NOT NULL,
	`cta_variant` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_verified_email` ON `users` (`site_id`,`email_key`) WHERE email_verified_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `users_email` ON `users` (`site_id`,`email_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_username` ON `users` (`site_id`,`username_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_external` ON `users` (`site_id`,`external_id`);--> statement-breakpoint
CREATE TABLE `visitor_device_ids` (
	`site_id` text NOT NULL,
	`device_token` text NOT NULL,
	`visitor_id` text NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`site_id`, `device_token`, `visitor_id`),
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `visitor_device_ids_visitor` ON `visitor_device_ids` (`visitor_id`);--> statement-breakpoint
CREATE TABLE `visitor_fingerprints` (
	`site_id` text NOT NULL,
	`fingerprint` text NOT NULL,
	`visitor_id` text NOT NULL,
	`observation_confidence` integer NOT NULL,
	`source` text NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`site_id`, `fingerprint`, `visitor_id`),
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `visitor_fingerprints_visitor` ON `visitor_fingerprints` (`visitor_id`);--> statement-breakpoint
CREATE TABLE `visitor_links` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`known_visitor_id` text NOT NULL,
	`method` text NOT NULL,
	`observation_confidence` integer NOT NULL,
	`confidence` integer NOT NULL,
	`anonymity_set` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`undone_at_ms` integer,
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`known_visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `visitor_links_pair` ON `visitor_links` (`visitor_id`,`known_visitor_id`,`method`);--> statement-breakpoint
CREATE INDEX `visitor_links_known` ON `visitor_links` (`known_visitor_id`);--> statement-breakpoint
CREATE TABLE `visitors` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`first_seen_at_ms` integer NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	`visit_count` integer NOT NULL,
	`user_id` text
);
--> statement-breakpoint
CREATE INDEX `visitors_site_last_seen` ON `visitors` (`site_id`,`last_seen_at_ms`);--> statement-breakpoint
CREATE INDEX `visitors_user` ON `visitors` (`user_id`);--> statement-breakpoint
CREATE TABLE `visits` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`visitor_id` text NOT NULL,
	`session_id` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL,
	`event_count` integer NOT NULL,
	`page_count` integer NOT NULL,
	`touch` text,
	FOREIGN KEY (`visitor_id`) REFERENCES `visitors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `visits_visitor_started` ON `visits` (`visitor_id`,`started_at_ms`);