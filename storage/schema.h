#ifndef CHIBO_STORAGE_SCHEMA_H_
#define CHIBO_STORAGE_SCHEMA_H_

#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/sql_connection.h"

namespace chibo {

// The tables, written once. In the texts {int}, {bytes}, {text}, {row_table}, {keyed_table} stand
// for what the engine's dialect says, {table} for CREATE TABLE or CREATE TEMP TABLE.
std::string SpellSql(std::string_view text, const SqlDialect& dialect, bool temporary);

// Brings the log's tables to the newest version, step by step in one transaction of its own; a new
// database starts at version 0. kNewerFormat when the database is ahead of this program.
Status MigrateLog(SqlConnection& sql);

// The view's tables are not migrated: those of another version are dropped and made anew, empty.
Status CreateView(SqlConnection& sql, bool temporary);

}  // namespace chibo

#endif  // CHIBO_STORAGE_SCHEMA_H_
