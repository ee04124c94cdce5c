#include <google/protobuf/message_lite.h>
#include <sqlite3.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>

#include "base/check.h"
#include "node/chunk_check.h"
#include "proto/record.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/bench/figures.h"
#include "tests/bench/link.h"
#include "tests/bench/many_cells.h"
#include "tests/bench/report.h"

namespace chibo::bench {
namespace {

// Chunks of so many cells are stored in one transaction.
constexpr std::size_t kCellsPerCommit = 16;

// What arrives at a server: the cell-years of many cells, packed.
struct Arrival {
  const EnrolledCell* cell = nullptr;
  std::unique_ptr<Line> line;
  std::vector<Line::Packed> chunks;
  std::size_t records = 0;
};

// ---- The bare loop: what the same work takes without keeping a node's promises. One table, one
// row an entry, nothing compared, no view.

struct BareChunk {
  Bytes packed;
  std::size_t raw_bytes = 0;
  SignPublicKey key;
  Signature signature;
};

class Bare {
 public:
  explicit Bare(const std::string& path) {
    Ok(sqlite3_open(path.c_str(), &db_));
    Run("PRAGMA journal_mode=WAL");
    Run("PRAGMA synchronous=FULL");
    Run("PRAGMA wal_autocheckpoint=2048");
    Run("CREATE TABLE entry(stream INTEGER, idx INTEGER, leaf BLOB, header BLOB, body BLOB, "
        "PRIMARY KEY(stream, idx)) STRICT");
    Ok(sqlite3_prepare_v2(db_, "INSERT INTO entry VALUES(?, ?, ?, ?, ?)", -1, &insert_, nullptr));
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }

  // The chunk as this loop takes it: entries one after the other, zstd, the signature over the hash
  // of their hashes.
  static BareChunk Pack(const std::vector<EntryBytes>& entries, const SigningKey& key) {
    Bytes raw;
    Bytes leaves;
    for (const EntryBytes& entry : entries) {
      AppendVarint(raw, entry.header.size());
      raw += entry.header;
      AppendVarint(raw, entry.body.size());
      raw += entry.body;
      leaves += Sha256({entry.header, entry.body}).view();
    }
    BareChunk chunk;
    chunk.raw_bytes = raw.size();
    chunk.packed.resize(ZSTD_compressBound(raw.size()));
    chunk.packed.resize(
        ZSTD_compress(chunk.packed.data(), chunk.packed.size(), raw.data(), raw.size(), 19));
    chunk.key = key.public_key();
    chunk.signature = key.Sign(leaves);
    return chunk;
  }

  void Begin() { Run("BEGIN IMMEDIATE"); }
  void Commit() { Run("COMMIT"); }
  void Take(const BareChunk& chunk, std::int64_t stream) {
    raw_.resize(chunk.raw_bytes);
    CHECK(ZSTD_decompress(raw_.data(), raw_.size(), chunk.packed.data(), chunk.packed.size()) ==
          raw_.size());
    ByteView left = raw_;
    Bytes leaves;
    std::int64_t index = 0;
    while (!left.empty()) {
      const ByteView header = *chibo::Take(left, *TakeVarint(left));
      const ByteView body = *chibo::Take(left, *TakeVarint(left));
      Parse(header, body);
      const Hash leaf = Sha256({header, body});
      leaves += leaf.view();
      Insert(stream, index++, leaf, header, body);
    }
    CHECK(Verify(chunk.key, leaves, chunk.signature));
  }

 private:
  static void Ok(int code) { CHECK(code == SQLITE_OK); }
  void Run(const char* sql) { Ok(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  void Parse(ByteView header, ByteView body) {
    CHECK(header_.ParseFromArray(header.data(), static_cast<int>(header.size())));
    for (const std::uint32_t slot : header_.slots()) {
      const ByteView payload = *chibo::Take(body, *TakeVarint(body) - 1);
      record_.Clear();
      const auto* field = record_.GetDescriptor()->FindFieldByNumber(static_cast<int>(slot >> 3));
      auto* message = record_.GetReflection()->MutableMessage(&record_, field);
      CHECK(message->ParseFromArray(payload.data(), static_cast<int>(payload.size())));
    }
  }
  void Insert(std::int64_t stream, std::int64_t index, const Hash& leaf, ByteView header,
              ByteView body) {
    const auto bind = [this](int at, ByteView bytes) {
      Ok(sqlite3_bind_blob(insert_, at, bytes.data(), static_cast<int>(bytes.size()),
                           SQLITE_STATIC));
    };
    Ok(sqlite3_bind_int64(insert_, 1, stream));
    Ok(sqlite3_bind_int64(insert_, 2, index));
    bind(3, leaf.view());
    bind(4, header);
    bind(5, body);
    CHECK(sqlite3_step(insert_) == SQLITE_DONE);
    Ok(sqlite3_reset(insert_));
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  Bytes raw_;
  pb::EntryHeader header_;
  pb::Record record_;
};

class Ingest {
 public:
  explicit Ingest(const Plan& plan) : plan_(plan), random_(11) {
    parent_ = SimNode::Found("Tỉnh đo", random_, kNow, {plan.directory + "/ingest-view.db", ""});
    cells_ = EnrolCells(*parent_, "cb", plan.ingest_cells, random_, kNow);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const CellYear& year = plan.workload[i % plan.workload.size()];
      Arrival& arrival = arrivals_.emplace_back();
      arrival.cell = &cells_[i];
      arrival.line = std::make_unique<Line>(parent_->replica().settings().network, parent_->unit(),
                                            cells_[i], random_);
      CellIds ids = CellIds::Draw(cells_[i].unit, parent_->unit(),
                                  year.sittings.front().front().names.size(), random_);
      ids.mark = " " + std::to_string(i);
      for (const Sitting& sitting : year.sittings) {
        arrival.line->Append(DraftOf(sitting, ids, Roles::kEnrolled, random_));
      }
      arrival.chunks = arrival.line->Pack();
      arrival.records = year.records();
      records_ += arrival.records;
    }
  }

  double BareRate() {
    std::vector<std::vector<BareChunk>> chunks;
    for (const Arrival& arrival : arrivals_) {
      std::vector<BareChunk>& of_cell = chunks.emplace_back();
      for (const Line::Packed& packed : arrival.chunks) {
        const auto received = arrival.line->Received(packed);
        CHECK(received.has_value());
        of_cell.push_back(Bare::Pack(received->entries, arrival.cell->device));
      }
    }
    Bare bare(plan_.directory + "/bare.db");
    std::int64_t stream = 0;
    return Rate([&](std::size_t from, std::size_t to) {
      bare.Begin();
      for (std::size_t i = from; i < to; ++i) {
        for (const BareChunk& chunk : chunks[i]) {
          bare.Take(chunk, ++stream);
        }
      }
      bare.Commit();
    });
  }

  // Checked and stored, nothing derived.
  double LogRate() {
    SqliteOptions options;
    options.kind = SqliteKind::kServer;
    auto sql = OpenSqlite(plan_.directory + "/ingest-log.db", options);
    CHECK(sql.has_value());
    NoProtection at_rest;
    LogStore log(**sql, at_rest);
    CHECK(log.OpenSchema());
    Streams streams(parent_->replica().settings().network, log);
    return Rate([&](std::size_t from, std::size_t to) {
      CHECK((*sql)->Begin());
      for (std::size_t i = from; i < to; ++i) {
        for (const Line::Packed& packed : arrivals_[i].chunks) {
          auto received = arrivals_[i].line->Received(packed);
          CHECK(received.has_value());
          CHECK(Store(*received, streams, log));
        }
      }
      CHECK((*sql)->Commit());
    });
  }

  // The node's own way in: register entries, facts, outcomes and cases in the same transaction.
  double ViewRate() {
    return Rate([&](std::size_t from, std::size_t to) {
      std::vector<SubmittedChunk> chunks;
      for (std::size_t i = from; i < to; ++i) {
        for (const Line::Packed& packed : arrivals_[i].chunks) {
          auto received = arrivals_[i].line->Received(packed);
          CHECK(received.has_value());
          chunks.push_back({arrivals_[i].cell->unit, false, *std::move(received)});
        }
      }
      for (const CommitReport& report : parent_->replica().Ingest(std::move(chunks), kNow)) {
        CHECK(!report.error);
      }
    });
  }

 private:
  Status Store(const ReceivedChunk& chunk, Streams& streams, LogStore& log) {
    CHIBO_TRY_VALUE(CheckedChunk checked,
                    CheckChunk(parent_->replica().settings().network, streams, log, chunk));
    if (checked.stream == nullptr) {
      CHIBO_TRY_VALUE(checked.stream, streams.Add(checked.genesis, false));
    }
    for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
      if (checked.new_secrets[reach]) {
        CHIBO_TRY(log.PutSecret(checked.stream->no, reach, *checked.new_secrets[reach]));
      }
    }
    return streams.Append(*checked.stream, checked.append);
  }

  // Records a second of CPU over all arrivals, taken in groups of one transaction.
  template <typename Work>
  double Rate(const Work& work) {
    const std::int64_t start_ns = CpuNs();
    for (std::size_t from = 0; from < arrivals_.size(); from += kCellsPerCommit) {
      work(from, std::min(from + kCellsPerCommit, arrivals_.size()));
    }
    return static_cast<double>(records_) * 1e9 / static_cast<double>(CpuNs() - start_ns);
  }

  const Plan& plan_;
  SeededRandom random_;
  std::unique_ptr<SimNode> parent_;
  std::vector<EnrolledCell> cells_;
  std::vector<Arrival> arrivals_;
  std::size_t records_ = 0;
};

}  // namespace

void MeasureIngest(const Plan& plan) {
  // Whatever else the machine does only takes time away: the best round is the least disturbed.
  double bare = 0;
  double log = 0;
  double view = 0;
  for (std::size_t round = 1; round <= plan.ingest_rounds; ++round) {
    Say("P6, round " + std::to_string(round) + ": packing the years of " +
        std::to_string(plan.ingest_cells) + " cells");
    std::filesystem::remove_all(plan.directory);
    std::filesystem::create_directories(plan.directory);
    Ingest ingest(plan);
    bare = std::max(bare, ingest.BareRate());
    log = std::max(log, ingest.LogRate());
    view = std::max(view, ingest.ViewRate());
  }
  const std::string what = "years of " + std::to_string(plan.ingest_cells) +
                           " cells into the log, verified and durable, best of " +
                           std::to_string(plan.ingest_rounds);
  Print({"P6",
         what + "; limit: the bare loop of the same rounds (unpack, parse, hash, verify, insert, "
                "WAL, FULL)",
         log, "records/s", bare, AtLeast(0.6)});
  Print({"P6", "the same; limit: the target", log, "records/s", 40'000, AtLeast(1)});
  Print({"P6", "the same with view and cases up to date; limit: the target", view, "records/s",
         15'000, AtLeast(1)});
}

}  // namespace chibo::bench
