CREATE TABLE "device_keys" (
	"site_id" text NOT NULL,
	"key_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"last_used_at_ms" bigint NOT NULL,
	"revoked_at_ms" bigint,
	CONSTRAINT "device_keys_site_id_key_id_pk" PRIMARY KEY("site_id","key_id")
);
--> statement-breakpoint
CREATE TABLE "recognition_models" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"version" integer NOT NULL,
	"state" text NOT NULL,
	"weights" jsonb NOT NULL,
	"report" jsonb NOT NULL,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recognition_tallies" (
	"site_id" text NOT NULL,
	"name" text NOT NULL,
	"hits" bigint NOT NULL,
	"total" bigint NOT NULL,
	CONSTRAINT "recognition_tallies_site_id_name_pk" PRIMARY KEY("site_id","name")
);
--> statement-breakpoint
CREATE TABLE "recognition_trials" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"at_ms" bigint NOT NULL,
	"browser_family" text NOT NULL,
	"is_return" boolean NOT NULL,
	"method" text NOT NULL,
	"confidence" jsonb NOT NULL,
	"is_right" boolean,
	"input" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "token_counts" (
	"site_id" text NOT NULL,
	"token" text NOT NULL,
	"visitors" integer NOT NULL,
	CONSTRAINT "token_counts_site_id_token_pk" PRIMARY KEY("site_id","token")
);
--> statement-breakpoint
CREATE TABLE "user_device_edges" (
	"id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"user_id" text NOT NULL,
	"visitor_id" text NOT NULL,
	"from_ms" bigint NOT NULL,
	"to_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "visitor_blocks" (
	"site_id" text NOT NULL,
	"block" text NOT NULL,
	"visitor_id" text NOT NULL,
	"last_seen_at_ms" bigint NOT NULL,
	CONSTRAINT "visitor_blocks_site_id_block_visitor_id_pk" PRIMARY KEY("site_id","block","visitor_id")
);
--> statement-breakpoint
CREATE TABLE "visitor_profiles" (
	"visitor_id" text PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"browser_family" text NOT NULL,
	"browser_major" integer,
	"os_family" text NOT NULL,
	"screen_class" text NOT NULL,
	"observations" integer NOT NULL,
	"first_seen_at_ms" bigint NOT NULL,
	"last_seen_at_ms" bigint NOT NULL,
	"holds_proof" boolean NOT NULL,
	"novelty_day" integer NOT NULL,
	"novelty_count" integer NOT NULL,
	"sets" text NOT NULL,
	"counted" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "visitor_links" ADD COLUMN "evidence" jsonb;--> statement-breakpoint
ALTER TABLE "visitor_links" ADD COLUMN "undone_reason" text;--> statement-breakpoint
ALTER TABLE "visitors" ADD COLUMN "bot_reasons" jsonb;--> statement-breakpoint
ALTER TABLE "device_keys" ADD CONSTRAINT "device_keys_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recognition_trials" ADD CONSTRAINT "recognition_trials_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_device_edges" ADD CONSTRAINT "user_device_edges_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visitor_blocks" ADD CONSTRAINT "visitor_blocks_visitor_id_visitor_profiles_visitor_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitor_profiles"("visitor_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visitor_profiles" ADD CONSTRAINT "visitor_profiles_visitor_id_visitors_id_fk" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "device_keys_visitor" ON "device_keys" USING btree ("visitor_id");--> statement-breakpoint
CREATE UNIQUE INDEX "recognition_models_version" ON "recognition_models" USING btree ("site_id","version");--> statement-breakpoint
CREATE INDEX "recognition_trials_site_time" ON "recognition_trials" USING btree ("site_id","at_ms");--> statement-breakpoint
CREATE INDEX "recognition_trials_visitor" ON "recognition_trials" USING btree ("visitor_id");--> statement-breakpoint
CREATE INDEX "user_device_edges_visitor" ON "user_device_edges" USING btree ("visitor_id");--> statement-breakpoint
CREATE INDEX "user_device_edges_user" ON "user_device_edges" USING btree ("site_id","user_id");--> statement-breakpoint
CREATE INDEX "visitor_blocks_recent" ON "visitor_blocks" USING btree ("site_id","block","last_seen_at_ms","visitor_id");--> statement-breakpoint
CREATE INDEX "visitor_blocks_visitor" ON "visitor_blocks" USING btree ("visitor_id");--> statement-breakpoint
CREATE INDEX "visitor_profiles_last_seen" ON "visitor_profiles" USING btree ("last_seen_at_ms");--> statement-breakpoint
CREATE INDEX "visitor_device_ids_last_seen" ON "visitor_device_ids" USING btree ("last_seen_at_ms");--> statement-breakpoint
CREATE INDEX "visitor_fingerprints_last_seen" ON "visitor_fingerprints" USING btree ("last_seen_at_ms");