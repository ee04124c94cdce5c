#include "tools/verify/verify.h"

#include <utility>

#include "tools/verify/books.h"
#include "tools/verify/stream_check.h"
#include "tools/verify/trust.h"

namespace chibo::verify {
namespace {

// Without a key file it shows in the length of secrets whether they lie sealed.
Result<bool> LooksSealed(const Database& database) {
  CHIBO_TRY_VALUE(Rows rows, database.Query("SELECT COUNT(*), COALESCE(SUM(length(value) = ?1), 0) "
                                            "FROM secret",
                                            {Digest::kSize + kSealedOverhead}));
  CHIBO_TRY(rows.Next());
  return rows.Int(1) * 2 > rows.Int(0);
}

Result<AtRest> OpenAtRest(const std::string& directory, const Database& database,
                          const std::optional<Bytes>& passphrase, Report& report) {
  auto loaded = AtRest::Load(directory, passphrase);
  if (!loaded && loaded.error().code != Code::kMalformed) {
    return loaded;
  }
  if (!loaded) {
    report.Problem("key_file_unreadable", {}, loaded.error().where);
  }
  AtRest at_rest = loaded ? *std::move(loaded) : AtRest::Plain();
  if (!at_rest.has_key_file()) {
    CHIBO_TRY_VALUE(const bool sealed, LooksSealed(database));
    if (sealed) {
      at_rest.Lock();
    }
  }
  return at_rest;
}

// Whether the store says that it is another device's than the one whose key file lies here: what is
// sealed in it opens with that device's key.
Result<bool> IsOfAnotherDevice(const Database& database, const AtRest& at_rest) {
  CHIBO_TRY_VALUE(Rows rows, database.Query("SELECT value FROM node_value WHERE key = 'device'"));
  CHIBO_TRY_VALUE(const bool found, rows.Next());
  return found && at_rest.device() && rows.Blob(0) != at_rest.device()->view();
}

// Whether the directory belongs to another network altogether: then nothing in it could hold.
Result<std::optional<Bytes>> OtherNetwork(const Database& database, const Digest& network) {
  CHIBO_TRY_VALUE(Rows rows, database.Query("SELECT value FROM node_value WHERE key = 'network'"));
  CHIBO_TRY_VALUE(const bool found, rows.Next());
  if (!found || rows.Blob(0) == network.view()) {
    return std::nullopt;
  }
  const Bytes other(rows.Blob(0));
  CHIBO_TRY_VALUE(Rows streams, database.Query("SELECT genesis FROM stream"));
  CHIBO_TRY_VALUE(bool more, streams.Next());
  bool all = more;
  while (more && all) {
    const auto header = ReadHeader(streams.Blob(0), 0);
    all = header && header->message.genesis().network() == other;
    CHIBO_TRY_VALUE(more, streams.Next());
  }
  return all ? std::optional(other) : std::nullopt;
}

HeldStreams CheckStreams(const Checking& checking) {
  HeldStreams held;
  auto rows = checking.database.Query("SELECT no, id, genesis FROM stream ORDER BY no");
  while (rows) {
    const auto found = rows->Next();
    if (!found) {
      checking.report.Problem("rows_unreadable", {}, "stream");
      break;
    }
    if (!*found) {
      break;
    }
    ++checking.report.streams;
    HeldStream stream = StreamCheck(checking, rows->Int(0), rows->Blob(1), rows->Blob(2)).Check();
    held.insert_or_assign(stream.id, std::move(stream));
  }
  if (!rows) {
    checking.report.Problem("rows_unreadable", {}, "stream");
  }
  return held;
}

void CheckBooks(const Checking& checking, const HeldStreams& held, Gathered& gathered) {
  Report& report = checking.report;
  const auto told = [&report](std::string_view table, const Status& status) {
    if (!status) {
      report.Problem("rows_unreadable", {}, std::string(table));
    }
  };
  const Database& database = checking.database;
  told("node_value", CheckValues(database, checking.at_rest, checking.network, report));
  told("registered", CheckRegistered(database, checking.at_rest.locked(), gathered, report));
  told("outbox", CheckOutbox(database, held, report));
  told("entry", CheckOrphans(database, held, report));
  // What SQLite says of them is English, and of its own insides.
  const std::size_t damaged = database.CountDamagedPages();
  if (damaged > 0) {
    report.Problem("database_damaged", {}, std::to_string(damaged));
  }
}

Result<Report> VerifyIn(const std::string& directory, const Database& database,
                        const Digest& network, const std::optional<Bytes>& passphrase) {
  Report report;
  CHIBO_TRY_VALUE(const auto other, OtherNetwork(database, network));
  if (other) {
    report.Problem("network_differs", {}, ToHex(*other));
    return report;
  }
  CHIBO_TRY_VALUE(const AtRest at_rest, OpenAtRest(directory, database, passphrase, report));
  CHIBO_TRY_VALUE(const bool strange, IsOfAnotherDevice(database, at_rest));
  if (strange) {
    report.Problem("device_differs", {}, at_rest.device()->hex());
    return report;
  }
  Gathered gathered;
  RecordCheck records(network, report, gathered);
  const Checking checking{network, database, at_rest, report, records};
  const HeldStreams held = CheckStreams(checking);
  CheckBooks(checking, held, gathered);
  if (at_rest.locked()) {
    report.sealed_unchecked = true;
    report.Note("sealed_unchecked", {});
  } else {
    Trust(network, gathered, report).Check();
  }
  CheckClaims(held, gathered.claims, report);
  return report;
}

}  // namespace

Result<Report> Verify(const std::string& directory, const Digest& network,
                      const std::optional<Bytes>& passphrase) {
  {
    CHIBO_TRY_VALUE(const auto database, Database::Open(directory, Database::How::kStill));
    auto report = VerifyIn(directory, *database, network, passphrase);
    if (!database->WasWritten()) {
      return report;
    }
  }
  CHIBO_TRY_VALUE(const auto database, Database::Open(directory, Database::How::kShared));
  return VerifyIn(directory, *database, network, passphrase);
}

}  // namespace chibo::verify
