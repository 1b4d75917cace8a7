// Config: one TOML file, every key overridable by the environment, unknown keys are errors.
//
// Key `[server] listen` is TUTELA_SERVER__LISTEN in the environment; TUTELA_SERVER__LISTEN_FILE
// reads the value from a file (secrets). Relative paths are relative to the working directory. A
// plain value, immutable after loading; functions are pure but for load().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/media/media.hpp"

namespace tutela::config {

struct ServerConfig {
  std::string listen = "127.0.0.1:8440";          // host:port, or unix:/path
  std::string metrics_listen = "127.0.0.1:9440";  // empty turns it off; an address of its own
  std::filesystem::path tls_certificate;          // both or neither
  std::filesystem::path tls_key;
  std::uint32_t scans_waiting_max = 64;  // beyond: 503 and Retry-After
  std::uint32_t connections_max = 1024;
  std::uint32_t idle_timeout_ms = 60'000;
  std::uint32_t body_timeout_ms = 60'000;
  std::uint32_t shutdown_grace_ms = 30'000;
  std::uint32_t searches_per_minute = 20'000;  // hashes looked up by one token
};

struct StoreConfig {
  std::filesystem::path folder = "tutela-data";  // database, spool, keys
  std::uint64_t spool_bytes_max = 10ULL << 30;
  bool group_access = false;  // database and log for a vault process with a user of its own
};

struct WorkersConfig {
  std::filesystem::path program;  // empty: tutela-decode beside this binary
  std::uint32_t processes_max = 0;
  std::uint32_t attempts_max = 3;  // of an item, before it becomes unscannable
};

struct RescanConfig {
  std::uint64_t contents_per_second = 1'000'000;  // 0: as fast as it goes
};

/// How the index of signals follows the lists. Not keys of the file: tests set them.
struct IndexConfig {
  std::size_t merge_signals_min = 65'536;   // match::SignalSetOptions
  std::size_t new_signals_max = 1'000'000;  // more are loaded whole: 64 bytes of memory each
  /// The content index is made without what is gone when it is so old.
  std::int64_t forget_after_ms = 86'400'000;
};

struct VaultConfig {
  std::string key;                      // vault::open_key; empty: file:<store.folder>/vault/key
  std::filesystem::path epochs_folder;  // keys of epochs; empty: <store.folder>/vault/epochs
  std::filesystem::path epochs_copy;    // a second folder for them, on another machine's disk
  std::uint32_t epoch_days = 30;
  std::string objects = "folder";        // folder s3
  std::filesystem::path objects_folder;  // empty: <store.folder>/vault/objects
  std::filesystem::path socket;          // of a vault process of its own; empty: serve starts one
  std::uint32_t viewers_max = 2;
  std::uint32_t views_per_hour = 60;
};

struct S3Config {
  std::string endpoint;  // "https://s3.example.org"
  std::string region = "us-east-1";
  std::string bucket;
  std::string access_key;
  std::string secret_key;
  bool object_lock = false;
};

struct AuditConfig {
  std::string origin;                     // of the log; empty: tutela/<a random id>
  std::filesystem::path checkpoint_copy;  // a file elsewhere that gets every checkpoint
};

struct PreservationConfig {
  std::uint32_t report_days = 365;  // after a completed report: 18 USC 2258A(h)(1)
  std::uint32_t pending_days = 90;  // what was found and is not reported yet
  bool automatic_disposal = false;  // what is due goes without two people
};

struct PeopleConfig {
  bool solo = false;  // safeguards.md 13
  std::uint32_t solo_wait_hours = 24;
  std::string trustee;  // who is told; needed with solo
  std::uint32_t session_idle_minutes = 30;
  std::uint32_t session_hours = 12;
  std::string public_url;      // "https://tutela.example.org": of links, cookies and sign-on
  bool forwarded_for = false;  // a proxy in front says who calls
};

/// Single sign-on with OpenID Connect; off without an issuer.
struct OidcConfig {
  std::string issuer;
  std::string client_id;
  std::string client_secret;
  std::string name_claim = "preferred_username";
  std::string create_role = "none";  // of people who are unknown; none: they are refused
};

struct CasesConfig {
  std::string double_review = "near";  // none near all
  bool automatic = false;              // lists with automation decide exact matches alone
  std::uint32_t sample_percent = 5;
  std::uint32_t lock_minutes = 10;
  std::uint32_t undo_seconds = 60;
  std::uint32_t first_look_hours = 24;
  std::uint32_t first_look_urgent_minutes = 60;
  std::uint32_t decision_hours = 72;
  std::uint32_t report_hours = 24;
  std::uint32_t appeal_days = 180;
  std::uint32_t appeal_decide_days = 14;
  std::string on_confirmed = "content.remove";  // words, in this order
  std::string on_cleared = "content.release";
  std::string on_reported;  // what waits until an authority has the report: account.suspend
};

struct ExposureConfig {
  std::uint32_t points_per_shift = 600;
  std::uint32_t contractor_points_per_shift = 400;
  std::uint32_t soft_percent = 80;
  std::uint32_t break_after_points = 200;
  std::uint32_t break_after_minutes = 60;
  std::uint32_t break_minutes = 10;
  std::uint32_t cool_down_seconds = 15;
  std::uint32_t days_on = 5;  // 0: no days off are asked for
  std::uint32_t days_off = 2;
};

struct WebhookConfig {
  std::string url;             // empty: nothing is sent, everything waits
  std::string secrets;         // words "whsec_..."
  bool allow_private = false;  // the receiver may be on this machine or a private network
  std::uint32_t timeout_ms = 15'000;
  std::uint32_t attempts_max = 10;
};

/// Who helps the people who do this work: the operator's own contacts.
struct SupportConfig {
  std::string text;                     // one line
  std::array<std::string, 5> contacts;  // each as parse_contact() takes it; empty: none
  std::string concern_contact;          // a person outside the line: safeguards.md 14
};

/// What authorities are told of the operator, and which of them there are.
struct ReportingConfig {
  std::string company;  // as authorities know it
  std::string email;    // of the person who reports
  std::string first_name;
  std::string last_name;
  std::string phone;
  std::string contact_first_name;  // of whom authorities may ask
  std::string contact_last_name;
  std::string contact_email;
  std::string contact_phone;
  std::string terms_of_service;
  std::string legal_url;
  std::string platform;
  std::string service_country;             // ISO 3166-1 alpha-2: where the operator is established
  std::string server_country;              // where the bytes lie
  std::string public_doors;                // words: what is let through there, everybody can see
  std::string routes;                      // empty: "ncmec otherwise"
  std::array<std::string, 5> authorities;  // each as parse_authority() takes it; empty: none
  bool second_person = false;
  bool automatic = false;  // exact matches of lists with automation: safeguards.md 1, 2, 5
  std::uint32_t urgent_minutes = 60;
  std::uint32_t escalate_minutes = 15;
  std::uint32_t horizon_days = 7;
  std::uint32_t calls_per_minute = 120;
  std::array<std::string, 3> phones;  // each as parse_phone() takes it; empty: none
};

/// NCMEC's Reporting API.
struct CybertipConfig {
  std::string url;  // empty: reports to "ncmec" are filed by hand
  std::string username;
  std::string password;
  std::filesystem::path ca_file;  // of a simulator's certificate
  std::uint32_t timeout_ms = 120'000;
};

/// The server that takes e-mail for authorities.
struct SmtpConfig {
  std::string server;  // "smtps://mail.example.org", "smtp://mail.example.org:587"
  std::string username;
  std::string password;
  std::string from;
  std::filesystem::path ca_file;
  bool allow_plain = false;  // without TLS, on this machine
};

/// What a door does. Keys of the section [doors] begin with its name: "doors.http_on_error".
struct DoorConfig {
  std::string on_error = "hold";  // hold deny allow: the answer where no verdict can be reached
  bool scan = true;  // false: everything is held, owed its scan, until it is true again
};

struct DoorsConfig {
  DoorConfig http;
  std::uint32_t catch_up_per_second = 0;  // owed scans that are made up; 0: what live ones leave
};

struct LedgerConfig {
  std::uint32_t keep_days = 0;  // of items without a match; 0: for ever. Counts stay
};

/// What keeps detection from being off unseen.
struct WatchConfig {
  std::uint32_t canary_seconds = 30;  // between canaries of one door and format; 0: none
  std::uint32_t canary_timeout_ms = 15'000;
  std::string canary_formats = "jpeg png webp gif tiff avif heic bmp";  // words
  std::string canary_source;           // what canaries say of where they were posted
  std::uint32_t samples_per_1000 = 1;  // of items without a match: matched again, another way
  std::uint32_t samples_per_hour_max = 60;
  std::uint32_t list_stale_hours = 168;
  std::uint32_t list_shrunk_percent = 20;
  std::uint32_t owed_target_seconds = 60;
  std::uint32_t outbox_late_seconds = 600;
  std::uint32_t unscannable_percent = 20;
  std::uint32_t zero_hours = 24;
  std::uint32_t disk_low_percent = 10;
  std::string not_ready_at = "blind";  // never blind degraded: when /readyz says no
  std::string heartbeat_url;           // asked every heartbeat_seconds while detection is not blind
  std::uint32_t heartbeat_seconds = 60;
  std::string email_to;  // words: who gets alarms by e-mail, through [smtp]
  bool syslog = false;
};

/// What people outside tell us, and what they are promised.
struct IntakeConfig {
  std::string listen;        // of the public pages, an address of their own; empty: off
  std::string public_url;    // "https://report.example.org": of links in mails
  std::string service_name;  // as the pages name the operator
  std::string exit_url = "https://en.wikipedia.org/";  // where the quick exit leads
  std::string country;  // whose helplines come first where nothing is chosen
  std::uint32_t imminent_minutes = 15;
  std::uint32_t victim_hours = 4;
  std::uint32_t flagger_hours = 8;
  std::uint32_t law_hours = 24;
  std::uint32_t detection_hours = 24;
  std::uint32_t public_hours = 24;
  std::uint32_t flood_hours = 72;
  std::uint32_t escalate_percent = 50;
  std::string holidays;  // words "2026-12-25": days that count for no promise but urgent ones
  bool weekends_pause = false;
  std::uint32_t per_source_hour = 10;  // further ones of one source are grouped
  std::uint32_t files_max = 5;
  std::uint32_t uploads_max = 16;       // to the public pages at once; beyond: 503
  std::uint32_t connections_max = 256;  // to the public pages
  std::uint32_t work_bits = 18;         // of the proof of work; 0: none is asked for
  std::uint32_t keep_days = 180;
  std::filesystem::path maildir;        // a Maildir that an MTA delivers to; empty: no mail
  std::string maildir_keep = "remove";  // what becomes of a message that is a notice: remove cur
  bool mail_reply = true;               // whoever wrote gets number and PIN by mail, through [smtp]
  std::filesystem::path help_file;      // helplines and hotlines; empty: those of this release
  std::uint32_t help_stale_months = 12;   // then an entry that nobody checked again is shown as old
  std::filesystem::path guidance_folder;  // pages of the operator in place of those built in
};

struct LogConfig {
  std::string level = "info";   // trace debug info warn error
  std::string format = "text";  // text json
};

struct Config {
  ServerConfig server;
  StoreConfig store;
  WorkersConfig workers;
  media::Limits limits;
  RescanConfig rescan;
  IndexConfig index;
  VaultConfig vault;
  S3Config s3;
  AuditConfig audit;
  PreservationConfig preservation;
  PeopleConfig people;
  OidcConfig oidc;
  CasesConfig cases;
  ExposureConfig exposure;
  WebhookConfig webhook;
  SupportConfig support;
  ReportingConfig reporting;
  CybertipConfig cybertip;
  SmtpConfig smtp;
  DoorsConfig doors;
  LedgerConfig ledger;
  WatchConfig watch;
  IntakeConfig intake;
  LogConfig log;
  std::filesystem::path policy_file;  // [policy] file; empty: the built-in safe policy
};

/// Where one key of the file goes, with its value: what `tutela config keys` and `show` print.
struct KeyHelp {
  std::string key;          // "server.listen"
  std::string environment;  // "TUTELA_SERVER__LISTEN"
  std::string value;        // as text; what is secret of it is "(set)"
  std::string help;
  bool reloadable = false;  // on SIGHUP; else it needs a restart
};

[[nodiscard]] std::vector<KeyHelp> keys(const Config& values = {});

using Environment = std::map<std::string, std::string>;
[[nodiscard]] Environment process_environment();

/// Defaults, then the file's text, then the environment. Errors: kInvalidInput "config.invalid",
/// every problem with its line or variable. TUTELA_* variables that are no key are errors too, but
/// for the few that are documented as not configuration (TUTELA_FAULT, TUTELA_FAULT_FILE,
/// TUTELA_PDQ_KERNEL, TUTELA_MATCH_KERNEL, TUTELA_CONFIG, TUTELA_TOKEN, TUTELA_URL).
Result<Config> parse(std::string_view toml, const Environment& environment);
/// An absent path (empty) means defaults and environment alone.
Result<Config> load(const std::filesystem::path& file, const Environment& environment);

/// The keys that differ and are not reloadable: what SIGHUP answers "needs a restart" for.
[[nodiscard]] std::vector<std::string> needs_restart(const Config& before, const Config& after);

/// `present` with the reloadable keys of `next`: what runs after SIGHUP.
[[nodiscard]] Config with_reloadable(const Config& present, const Config& next);

/// Where a server listens: a host (name or address) and port, or the path of a unix socket.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;           // 0: any free one
  std::filesystem::path unix_path;  // not empty: a unix socket
};

/// "127.0.0.1:8440", "[::1]:8440", "localhost:0", "unix:/run/tutela.sock".
/// Error: kInvalidInput "config.bad_listen".
Result<ListenAddress> parse_listen(std::string_view text);

/// The words of a text, between blanks.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

struct SupportContact {
  std::string name;
  std::string phone;
  std::string url;  // empty or https://
  std::string hours;
};

/// "name | phone | url | hours"; what stands behind the name may be missing or empty.
/// Error: kInvalidInput "config.bad_contact".
Result<SupportContact> parse_contact(std::string_view line);
/// Those that are set. A configuration that parse() returned has only good ones.
[[nodiscard]] std::vector<SupportContact> contacts_of(const SupportConfig& support);

/// An authority besides "ncmec".
struct AuthorityLine {
  std::string name;          // 1 to 32 of a-z 0-9 _ -
  std::string channel;       // webhook email by_hand
  std::string jurisdiction;  // "GB", "EU"
  std::string address;       // the URL, or the e-mail address; empty by hand
  std::string file;          // with the secrets of a webhook, or the OpenPGP key of an e-mail
};

/// "name | channel | jurisdiction | address | file". Error: kInvalidInput "config.bad_authority".
Result<AuthorityLine> parse_authority(std::string_view line);
/// Those that are set. A configuration that parse() returned has only good ones.
[[nodiscard]] std::vector<AuthorityLine> authorities_of(const ReportingConfig& reporting);

/// Whom people call when somebody is in danger.
struct Phone {
  std::string name;
  std::string number;
  std::string hours;
};

/// "name | number | hours"; the hours may be missing. Error: kInvalidInput "config.bad_phone".
Result<Phone> parse_phone(std::string_view line);
[[nodiscard]] std::vector<Phone> phones_of(const ReportingConfig& reporting);

}  // namespace tutela::config
