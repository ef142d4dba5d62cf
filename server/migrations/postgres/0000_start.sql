CREATE TABLE "activity_counts" (
	"site_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"activity_type" text NOT NULL,
	"count" integer NOT NULL,
	"last_at_ms" bigint NOT NULL,
	CONSTRAINT "activity_counts_visitor_id_activity_type_pk" PRIMARY KEY("visitor_id","activity_type")
);
--> statement-breakpoint
CREATE TABLE "consent_decisions" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"session_id" text,
	"choice" text NOT NULL,
	"mode" text NOT NULL,
	"by_person" boolean NOT NULL,
	"opt_out_signal" boolean NOT NULL,
	"wording" text,
	"decided_at_ms" bigint NOT NULL
);
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
	CONSTRAINT "event_logs_site_id_event_id_pk" PRIMARY KEY("site_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "journey_transitions" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"subject_id" text NOT NULL,
	"from_type" text,
	"to_type" text NOT NULL,
	"from_stage" text,
	"to_stage" text NOT NULL,
	"changed_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "journeys" (
	"subject_id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"user_type" text NOT NULL,
	"journey_stage" text NOT NULL,
	"first_visit_at_ms" bigint NOT NULL,
	"updated_at_ms" bigint NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"user_id" text NOT NULL,
	"session_id" text,
	"browser" text,
	"os" text,
	"ip_prefix" text,
	"created_at_ms" bigint NOT NULL,
	"last_used_at_ms" bigint NOT NULL,
	"idle_expires_at_ms" bigint NOT NULL,
	"expires_at_ms" bigint NOT NULL,
	"revoked_at_ms" bigint,
	"revoked_reason" text
);
--> statement-breakpoint
CREATE TABLE "profile_fields" (
	"site_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"field" text NOT NULL,
	"value" jsonb NOT NULL,
	"source" text NOT NULL,
	"updated_at_ms" bigint NOT NULL,
	CONSTRAINT "profile_fields_visitor_id_field_pk" PRIMARY KEY("visitor_id","field")
);
--> statement-breakpoint
CREATE TABLE "progress_states" (
	"site_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"name" text NOT NULL,
	"state" jsonb NOT NULL,
	"updated_at_ms" bigint NOT NULL,
	CONSTRAINT "progress_states_visitor_id_name_pk" PRIMARY KEY("visitor_id","name")
);
--> statement-breakpoint
CREATE TABLE "refresh_tokens" (
	"hash" text PRIMARY KEY NOT NULL,
	"login_session_id" text NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"used_at_ms" bigint,
	"successor_hash" text
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_sealed" text NOT NULL,
	"state" text NOT NULL,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "site_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"kind" text NOT NULL,
	"hash" text NOT NULL,
	"value" text,
	"hint" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"revoked_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "site_origins" (
	"site_id" text NOT NULL,
	"origin" text NOT NULL,
	CONSTRAINT "site_origins_site_id_origin_pk" PRIMARY KEY("site_id","origin")
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"fingerprint_salt" text NOT NULL,
	"unset_mode" text NOT NULL,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"session_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"user_id" text,
	"cookie_hash" text,
	"device_key_id" text,
	"mode" text NOT NULL,
	"metadata" jsonb NOT NULL,
	"first_touch" jsonb,
	"last_touch" jsonb,
	"current_visit_id" text,
	"last_seen_at_ms" bigint NOT NULL,
	"expires_at_ms" bigint NOT NULL,
	"converted_at_ms" bigint,
	"converted_user" text,
	"created_at_ms" bigint NOT NULL,
	"updated_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"external_id" text,
	"email" text,
	"email_key" text,
	"email_verified_at_ms" bigint,
	"username" text,
	"username_key" text,
	"password_hash" text,
	"attributes" jsonb NOT NULL,
	"cta_variant" text,
	"created_at_ms" bigint NOT NULL,
	"updated_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "visitor_device_ids" (
	"site_id" text NOT NULL,
	"device_token" text NOT NULL,
	"visitor_id" text NOT NULL,
	"first_seen_at_ms" bigint NOT NULL,
	"last_seen_at_ms" bigint NOT NULL,
	CONSTRAINT "visitor_device_ids_site_id_device_token_visitor_id_pk" PRIMARY KEY("site_id","device_token","visitor_id")
);
--> statement-breakpoint
CREATE TABLE "visitor_fingerprints" (
	"site_id" text NOT NULL,
	"fingerprint" text NOT NULL,
	"visitor_id" text NOT NULL,
	"observation_confidence" integer NOT NULL,
	"source" text NOT NULL,
	"first_seen_at_ms" bigint NOT NULL,
	"last_seen_at_ms" bigint NOT NULL,
	CONSTRAINT "visitor_fingerprints_site_id_fingerprint_visitor_id_pk" PRIMARY KEY("site_id","fingerprint","visitor_id")
);
--> statement-breakpoint
CREATE TABLE "visitor_links" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"known_visitor_id" text NOT NULL,
	"method" text NOT NULL,
	"observation_confidence" integer NOT NULL,
	"confidence" integer NOT NULL,
	"anonymity_set" integer NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"undone_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "visitors" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"first_seen_at_ms" bigint NOT NULL,
	"last_seen_at_ms" bigint NOT NULL,
	"visit_count" integer NOT NULL,
	"user_id" text
);
--> statement-breakpoint
CREATE TABLE "visits" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"session_id" text NOT NULL,
	"started_at_ms" bigint NOT NULL,
	"last_at_ms" bigint NOT NULL,
	"event_count" integer NOT NULL,
	"page_count" integer NOT NULL,
	"touch" jsonb
);
--> statement-breakpoint
ALTER TABLE "login_sessions" ADD CONSTRAINT "login_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_fields" ADD CONSTRAINT "profile_fields_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "progress_states" ADD CONSTRAINT "progress_states_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_login_session_id_login_sessions_id_fk" FOREIGN KEY ("login_session_id") REFERENCES "public"."login_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "site_keys" ADD CONSTRAINT "site_keys_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sites"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "site_origins" ADD CONSTRAINT "site_origins_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sites"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_sessions" ADD CONSTRAINT "user_sessions_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visitor_device_ids" ADD CONSTRAINT "visitor_device_ids_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visitor_fingerprints" ADD CONSTRAINT "visitor_fingerprints_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visitor_links" ADD CONSTRAINT "visitor_links_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visitor_links" ADD CONSTRAINT "visitor_links_known_visitor_id_visitors_id_fk" FOREIGN KEY ("known_visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "consent_decisions_session" ON "consent_decisions" USING btree ("site_id","session_id");--> statement-breakpoint
CREATE INDEX "event_logs_session_time" ON "event_logs" USING btree ("site_id","session_id","timestamp_ms");--> statement-breakpoint
CREATE INDEX "journey_transitions_subject" ON "journey_transitions" USING btree ("subject_id","changed_at_ms");--> statement-breakpoint
CREATE INDEX "journeys_site_type" ON "journeys" USING btree ("site_id","user_type");--> statement-breakpoint
CREATE INDEX "login_sessions_user" ON "login_sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "login_sessions_session" ON "login_sessions" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "refresh_tokens_login_session" ON "refresh_tokens" USING btree ("login_session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "site_keys_hash" ON "site_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "site_keys_site" ON "site_keys" USING btree ("site_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sites_name" ON "sites" USING btree ("name");--> statement-breakpoint
CREATE UNIQUE INDEX "user_sessions_site_session" ON "user_sessions" USING btree ("site_id","session_id");--> statement-breakpoint
CREATE INDEX "user_sessions_cookie" ON "user_sessions" USING btree ("site_id","cookie_hash");--> statement-breakpoint
CREATE INDEX "user_sessions_visitor" ON "user_sessions" USING btree ("visitor_id");--> statement-breakpoint
CREATE INDEX "user_sessions_user" ON "user_sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "user_sessions_expires" ON "user_sessions" USING btree ("expires_at_ms");--> statement-breakpoint
CREATE UNIQUE INDEX "users_verified_email" ON "users" USING btree ("site_id","email_key") WHERE email_verified_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX "users_email" ON "users" USING btree ("site_id","email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "users_username" ON "users" USING btree ("site_id","username_key");--> statement-breakpoint
CREATE UNIQUE INDEX "users_external" ON "users" USING btree ("site_id","external_id");--> statement-breakpoint
CREATE INDEX "visitor_device_ids_visitor" ON "visitor_device_ids" USING btree ("visitor_id");--> statement-breakpoint
CREATE INDEX "visitor_fingerprints_visitor" ON "visitor_fingerprints" USING btree ("visitor_id");--> statement-breakpoint
CREATE UNIQUE INDEX "visitor_links_pair" ON "visitor_links" USING btree ("visitor_id","known_visitor_id","method");--> statement-breakpoint
CREATE INDEX "visitor_links_known" ON "visitor_links" USING btree ("known_visitor_id");--> statement-breakpoint
CREATE INDEX "visitors_site_last_seen" ON "visitors" USING btree ("site_id","last_seen_at_ms");--> statement-breakpoint
CREATE INDEX "visitors_user" ON "visitors" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "visits_visitor_started" ON "visits" USING btree ("visitor_id","started_at_ms");