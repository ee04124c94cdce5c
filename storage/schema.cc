#include "storage/schema.h"

#include <array>

#include "storage/query.h"

namespace chibo {
namespace {

constexpr std::string_view kVersionTable = R"sql(
CREATE TABLE IF NOT EXISTS schema_version(
  part {text} PRIMARY KEY, version {int} NOT NULL){keyed_table};
)sql";

// The leaf stands before header and body so that a walk over leaves skips the pages a long body
// overflows to. Large rows stay out of the key's tree: there a row over a quarter of a page takes a
// page of its own.
constexpr std::string_view kLog1 = R"sql(
CREATE TABLE node_value(key {text} PRIMARY KEY, value {bytes} NOT NULL){row_table};

CREATE TABLE stream(
  no {int} PRIMARY KEY, id {bytes} NOT NULL UNIQUE, own {int} NOT NULL, genesis {bytes} NOT NULL
){row_table};

CREATE TABLE branch(
  stream_no {int} NOT NULL, branch {int} NOT NULL, parent {int} NOT NULL,
  fork_at {int} NOT NULL, size {int} NOT NULL, peaks {bytes} NOT NULL, signed_size {int} NOT NULL, signature {bytes},
  PRIMARY KEY(stream_no, branch)){row_table};

CREATE TABLE entry(
  stream_no {int} NOT NULL, branch {int} NOT NULL, idx {int} NOT NULL, leaf {bytes} NOT NULL,
  header {bytes} NOT NULL, body {bytes} NOT NULL,
  PRIMARY KEY(stream_no, branch, idx)){row_table};

CREATE TABLE checkpoint(
  stream_no {int} NOT NULL, branch {int} NOT NULL, size {int} NOT NULL,
  signature {bytes} NOT NULL,
  PRIMARY KEY(stream_no, branch, size)){keyed_table};

CREATE TABLE secret(
  stream_no {int} NOT NULL, reach {int} NOT NULL, value {bytes} NOT NULL,
  PRIMARY KEY(stream_no, reach)){keyed_table};

CREATE TABLE registered(
  stream {bytes} NOT NULL, unit {bytes} NOT NULL, size {int} NOT NULL, root {bytes} NOT NULL,
  time_ms {int} NOT NULL, name_stream {bytes} NOT NULL, name_idx {int} NOT NULL,
  name_position {int} NOT NULL,
  PRIMARY KEY(stream, unit)){keyed_table};

CREATE TABLE outbox(
  unit {bytes} NOT NULL, seq {int} NOT NULL, stream_no {int} NOT NULL, branch {int} NOT NULL,
  from_idx {int} NOT NULL, to_idx {int} NOT NULL,
  PRIMARY KEY(unit, seq)){keyed_table};
)sql";

// Of a forked stream each branch has its receipt. (Renaming a table takes SQLite longer than making
// all others.)
constexpr std::string_view kLog2 = R"sql(
CREATE TEMP TABLE registered_before AS SELECT * FROM registered;
DROP TABLE registered;
CREATE TABLE registered(
  stream {bytes} NOT NULL, unit {bytes} NOT NULL, size {int} NOT NULL, root {bytes} NOT NULL,
  time_ms {int} NOT NULL, name_stream {bytes} NOT NULL, name_idx {int} NOT NULL,
  name_position {int} NOT NULL,
  PRIMARY KEY(stream, unit, root)){keyed_table};
INSERT INTO registered SELECT stream, unit, size, root, time_ms, name_stream, name_idx, name_position
  FROM registered_before;
DROP TABLE registered_before;
)sql";

// What was taken out of the log because it, or an entry before it, was damaged: as it lay, so that
// what lies sealed still opens. Nothing but the entry's place is certain of such a row.
constexpr std::string_view kLog3 = R"sql(
CREATE TABLE quarantine(
  no {int} PRIMARY KEY, stream {bytes} NOT NULL, branch {int} NOT NULL, idx {int} NOT NULL,
  own {int} NOT NULL, whole {int} NOT NULL, given_up {int} NOT NULL, leaf {bytes} NOT NULL,
  header {bytes} NOT NULL, body {bytes} NOT NULL){row_table};

CREATE TABLE quarantine_checkpoint(
  stream {bytes} NOT NULL, branch {int} NOT NULL, size {int} NOT NULL, signature {bytes} NOT NULL,
  PRIMARY KEY(stream, branch, size, signature)){keyed_table};

CREATE TABLE quarantine_secret(
  stream {bytes} NOT NULL, reach {int} NOT NULL, value {bytes} NOT NULL,
  PRIMARY KEY(stream, reach)){keyed_table};
)sql";

// Step n leads from version n to n + 1. A step is never changed once it has been released.
constexpr std::array kLogSteps{kLog1, kLog2, kLog3};

// Raise it with every change of kView.
constexpr std::int64_t kViewVersion = 2;

// Streams are numbered here too, in the order met; the number is shorter in three places than the
// id, and never leaves these tables.
constexpr std::string_view kView = R"sql(
{table} view_stream(no {int} PRIMARY KEY, id {bytes} NOT NULL UNIQUE){row_table};

{table} fact(
  stream_no {int} NOT NULL, idx {int} NOT NULL, position {int} NOT NULL, branch {int} NOT NULL,
  standing {int} NOT NULL, kind {int} NOT NULL, reach {int} NOT NULL, stream_kind {int} NOT NULL,
  unit {bytes} NOT NULL, other {bytes} NOT NULL, claimed_ms {int} NOT NULL, pack {bytes} NOT NULL,
  content {bytes} NOT NULL, payload {bytes},
  PRIMARY KEY(stream_no, idx, position, branch)){row_table};
CREATE INDEX fact_set_aside ON fact(stream_no, idx, position, branch) WHERE standing <> 0;

{table} fact_key(
  type {int} NOT NULL, id {bytes} NOT NULL, stream_no {int} NOT NULL, idx {int} NOT NULL,
  position {int} NOT NULL, branch {int} NOT NULL,
  PRIMARY KEY(type, id, stream_no, idx, position, branch)){keyed_table};

{table} derived(
  kind {int} NOT NULL, key {bytes} NOT NULL, part {bytes} NOT NULL, value {bytes} NOT NULL,
  sum {int} NOT NULL, PRIMARY KEY(kind, key)){keyed_table};
CREATE INDEX derived_part ON derived(kind, part, key);
)sql";

constexpr std::string_view kViewState = R"sql(
{table} IF NOT EXISTS view_state(name {text} PRIMARY KEY, value {int} NOT NULL){keyed_table};
)sql";

constexpr std::string_view kDropView = R"sql(
DROP TABLE IF EXISTS derived;
DROP TABLE IF EXISTS fact_key;
DROP TABLE IF EXISTS fact;
DROP TABLE IF EXISTS view_stream;
DELETE FROM view_state;
)sql";

Result<std::int64_t> NumberIn(SqlConnection& sql, std::string_view text, SqlText key) {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql, text, key));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  return found ? query.Int(0) : 0;
}

}  // namespace

std::string SpellSql(std::string_view text, const SqlDialect& dialect, bool temporary) {
  const std::array<std::pair<std::string_view, std::string_view>, 6> words{{
      {"int", dialect.integer},
      {"bytes", dialect.bytes},
      {"text", dialect.text},
      {"row_table", dialect.row_table},
      {"keyed_table", dialect.keyed_table},
      {"table", temporary ? "CREATE TEMP TABLE" : "CREATE TABLE"},
  }};
  std::string spelled;
  while (true) {
    const auto open = text.find('{');
    spelled.append(text.substr(0, open));
    if (open == std::string_view::npos) {
      return spelled;
    }
    const auto close = text.find('}', open);
    CHECK(close != std::string_view::npos);
    const auto word = text.substr(open + 1, close - open - 1);
    bool known = false;
    for (const auto& [name, spelling] : words) {
      if (name == word) {
        spelled.append(spelling);
        known = true;
      }
    }
    CHECK(known);
    text.remove_prefix(close + 1);
  }
}

Status MigrateLog(SqlConnection& sql) {
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(sql));
  CHIBO_TRY(sql.Execute(SpellSql(kVersionTable, sql.dialect(), false)));
  CHIBO_TRY_VALUE(
      const std::int64_t version,
      NumberIn(sql, "SELECT version FROM schema_version WHERE part = $1", SqlText{"log"}));
  if (version < 0 || version > static_cast<std::int64_t>(kLogSteps.size())) {
    return Fail(Code::kNewerFormat, "store_newer_format", std::to_string(version));
  }
  if (version == static_cast<std::int64_t>(kLogSteps.size())) {
    return transaction.Commit();
  }
  for (auto step = static_cast<std::size_t>(version); step < kLogSteps.size(); ++step) {
    CHIBO_TRY(sql.Execute(SpellSql(kLogSteps[step], sql.dialect(), false)));
  }
  CHIBO_TRY(Query::Run(sql,
                       "INSERT INTO schema_version(part, version) VALUES($1, $2) "
                       "ON CONFLICT(part) DO UPDATE SET version = excluded.version",
                       SqlText{"log"}, kLogSteps.size()));
  return transaction.Commit();
}

Status CreateView(SqlConnection& sql, bool temporary) {
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(sql));
  CHIBO_TRY(sql.Execute(SpellSql(kViewState, sql.dialect(), temporary)));
  CHIBO_TRY_VALUE(const std::int64_t version,
                  NumberIn(sql, "SELECT value FROM view_state WHERE name = $1", SqlText{"tables"}));
  if (version != kViewVersion) {
    CHIBO_TRY(sql.Execute(kDropView));
    CHIBO_TRY(sql.Execute(SpellSql(kView, sql.dialect(), temporary)));
    CHIBO_TRY(Query::Run(sql, "INSERT INTO view_state(name, value) VALUES($1, $2)",
                         SqlText{"tables"}, kViewVersion));
  }
  return transaction.Commit();
}

}  // namespace chibo
