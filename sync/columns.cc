#include "sync/columns.h"

#include <map>
#include <span>

#include "proto/ids.h"
#include "proto/limits.h"
#include "sync/text_fold.h"

namespace chibo {
namespace {

constexpr std::uint64_t kWithheld = 0;
constexpr std::uint64_t kFields = 1;
constexpr std::uint64_t kOpaque = 2;

// The lowest two bits of a value's varint.
constexpr std::uint64_t kText = 0;
constexpr std::uint64_t kHere = 1;
constexpr std::uint64_t kBlob = 2;
constexpr std::uint64_t kAgain = 3;

// Shorter text ("2019", "2A") repeats together with the structure around it.
constexpr std::size_t kTextBytesMin = 8;
constexpr std::size_t kBlobBytesMin = 8;
// Ids and hashes come again, signatures do not.
constexpr std::size_t kNumberedBytesMax = 32;
constexpr std::size_t kNestedBytesMin = 16;

bool IsNumbered(std::size_t size) { return size >= kBlobBytesMin && size <= kNumberedBytesMax; }

enum class Wire : std::uint8_t { kVarint = 0, kEight = 1, kSized = 2, kFour = 5 };

struct Field {
  std::uint64_t tag = 0;
  ByteView content;  // a varint: its bytes; of kSized: without the size

  Wire wire() const { return static_cast<Wire>(tag & 7); }
};

std::optional<ByteView> TakeContent(Wire wire, ByteView& message) {
  switch (wire) {
    case Wire::kVarint: {
      const ByteView before = message;
      if (!TakeVarint(message)) {
        return std::nullopt;
      }
      return before.substr(0, before.size() - message.size());
    }
    case Wire::kEight:
      return Take(message, 8);
    case Wire::kFour:
      return Take(message, 4);
    case Wire::kSized: {
      const std::optional<std::uint64_t> size = TakeVarint(message);
      return size ? Take(message, *size) : std::nullopt;
    }
  }
  return std::nullopt;
}

// The fields of a message whose varints are all of the shortest form, so that it can be made again
// from them. Nothing for any other bytes.
std::optional<std::vector<Field>> ParseFields(ByteView message) {
  std::vector<Field> fields;
  while (!message.empty()) {
    const std::optional<std::uint64_t> tag = TakeVarint(message);
    if (!tag || *tag >> 3 == 0) {
      return std::nullopt;
    }
    const std::optional<ByteView> content = TakeContent(static_cast<Wire>(*tag & 7), message);
    if (!content) {
      return std::nullopt;
    }
    fields.push_back({*tag, *content});
  }
  return fields;
}

// Taken apart it has to be worth the two bytes that this costs.
bool GainsApart(std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (field.wire() == Wire::kSized && field.content.size() >= kBlobBytesMin) {
      return true;
    }
  }
  return false;
}

class ColumnWriter {
 public:
  bool Add(const EntryBytes& entry);
  Columns Finish() && { return std::move(columns_); }

 private:
  void AddMessage(ByteView message);
  void AddFields(std::span<const Field> fields, int depth);
  void AddValue(ByteView value, int depth);
  void AddBlob(ByteView value);
  void Say(std::uint64_t number) { AppendVarint(columns_.structure, number); }

  Columns columns_;
  std::map<ByteView, std::uint64_t> numbers_;
};

struct BodyRecord {
  bool withheld = false;
  ByteView bytes;  // payload or commitment
};

// Nothing when `body` is not what EncodeBody gives.
std::optional<std::vector<BodyRecord>> ParseBody(ByteView body) {
  std::vector<BodyRecord> records;
  while (!body.empty()) {
    const std::optional<std::uint64_t> said = TakeVarint(body);
    if (!said) {
      return std::nullopt;
    }
    const bool withheld = *said == 0;
    const auto bytes = Take(body, withheld ? Commitment::kSize : *said - 1);
    if (!bytes) {
      return std::nullopt;
    }
    records.push_back({withheld, *bytes});
  }
  return records;
}

bool ColumnWriter::Add(const EntryBytes& entry) {
  const auto records = ParseBody(entry.body);
  if (!records || records->size() > limits::kEntryRecordsMax) {
    return false;
  }
  Say(records->size());
  AddMessage(entry.header);
  for (const BodyRecord& record : *records) {
    if (record.withheld) {
      Say(kWithheld);
      columns_.blobs += record.bytes;
    } else {
      AddMessage(record.bytes);
    }
  }
  return true;
}

void ColumnWriter::AddMessage(ByteView message) {
  const auto fields = ParseFields(message);
  if (fields) {
    Say(kFields);
    AddFields(*fields, 1);
  } else {
    Say(kOpaque);
    AddValue(message, 1);
  }
}

void ColumnWriter::AddFields(std::span<const Field> fields, int depth) {
  for (const Field& field : fields) {
    Say(field.tag);
    if (field.wire() == Wire::kSized) {
      AddValue(field.content, depth);
    } else {
      columns_.structure += field.content;
    }
  }
  Say(0);
}

void ColumnWriter::AddValue(ByteView value, int depth) {
  if (value.size() >= kTextBytesMin) {
    if (const std::optional<Bytes> folded = FoldText(value)) {
      Say(value.size() << 2 | kText);
      columns_.texts += *folded;
      return;
    }
  }
  if (value.size() >= kNestedBytesMin && depth < limits::kNestingMax) {
    const auto fields = ParseFields(value);
    if (fields && GainsApart(*fields)) {
      Say(kAgain);
      AddFields(*fields, depth + 1);
      return;
    }
  }
  if (value.size() >= kBlobBytesMin) {
    AddBlob(value);
    return;
  }
  Say(value.size() << 2 | kHere);
  columns_.structure += value;
}

void ColumnWriter::AddBlob(ByteView value) {
  if (IsNumbered(value.size())) {
    const auto [at, is_new] = numbers_.try_emplace(value, numbers_.size());
    if (!is_new) {
      Say((at->second + 1) << 2 | kAgain);
      return;
    }
  }
  Say(value.size() << 2 | kBlob);
  columns_.blobs += value;
}

tl::unexpected<Error> Malformed() { return Fail(Code::kMalformed, "chunk_columns_malformed"); }

// Every byte made is taken from `left_` first: what a few bytes of columns can grow to is bounded
// by what the chunk declares.
class ColumnReader {
 public:
  ColumnReader(ByteView texts, ByteView blobs, ByteView structure, std::size_t bytes_max)
      : texts_(texts), blobs_(blobs), structure_(structure), left_(bytes_max) {}

  Result<EntryBytes> Next();
  bool done() const { return texts_.empty() && blobs_.empty() && structure_.empty(); }

 private:
  // Each appends to `out`; with `sized`, the size first.
  Status Message(std::uint64_t form, Bytes& out);
  Status Fields(Bytes& out, int depth);
  Status Nested(Bytes& out, int depth, bool sized);
  Status Value(Bytes& out, int depth, bool sized);
  Status Blob(std::uint64_t size, Bytes& out, bool numbered, bool sized);
  Status Again(std::uint64_t number, Bytes& out, bool sized);
  Status Spend(std::uint64_t bytes);

  ByteView texts_;
  ByteView blobs_;
  ByteView structure_;
  std::size_t left_;
  std::vector<ByteView> numbered_;
};

Status ColumnReader::Spend(std::uint64_t bytes) {
  if (bytes > left_) {
    return Fail(Code::kTooLarge, "chunk_larger_than_declared");
  }
  left_ -= bytes;
  return {};
}

Result<EntryBytes> ColumnReader::Next() {
  EntryBytes entry;
  const auto count = TakeVarint(structure_);
  const auto header_form = TakeVarint(structure_);
  if (!count || *count > limits::kEntryRecordsMax || !header_form) {
    return Malformed();
  }
  CHIBO_TRY(Message(*header_form, entry.header));
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto form = TakeVarint(structure_);
    if (!form) {
      return Malformed();
    }
    CHIBO_TRY(Spend(1));
    Bytes record;
    if (*form == kWithheld) {
      entry.body.push_back('\0');
      CHIBO_TRY(Blob(Commitment::kSize, record, /*numbered=*/false, /*sized=*/false));
    } else {
      CHIBO_TRY(Message(*form, record));
      AppendVarint(entry.body, record.size() + 1);
    }
    entry.body += record;
  }
  return entry;
}

Status ColumnReader::Message(std::uint64_t form, Bytes& out) {
  if (form == kFields) {
    return Fields(out, 1);
  }
  return form == kOpaque ? Value(out, 1, /*sized=*/false) : Malformed();
}

Status ColumnReader::Fields(Bytes& out, int depth) {
  while (true) {
    const auto tag = TakeVarint(structure_);
    if (!tag || (*tag != 0 && *tag >> 3 == 0)) {
      return Malformed();
    }
    if (*tag == 0) {
      return {};
    }
    CHIBO_TRY(Spend(1));
    AppendVarint(out, *tag);
    const auto wire = static_cast<Wire>(*tag & 7);
    if (wire == Wire::kSized) {
      CHIBO_TRY(Value(out, depth, /*sized=*/true));
      continue;
    }
    const auto content = TakeContent(wire, structure_);
    if (!content) {
      return Malformed();
    }
    CHIBO_TRY(Spend(content->size()));
    out += *content;
  }
}

// The size of a message shows only when it is there.
Status ColumnReader::Nested(Bytes& out, int depth, bool sized) {
  if (!sized) {
    return Fields(out, depth);
  }
  Bytes content;
  CHIBO_TRY(Fields(content, depth));
  AppendVarint(out, content.size());
  out += content;
  return {};
}

Status ColumnReader::Value(Bytes& out, int depth, bool sized) {
  const auto said = TakeVarint(structure_);
  if (!said) {
    return Malformed();
  }
  const std::uint64_t number = *said >> 2;
  switch (*said & 3) {
    case kText:
      CHIBO_TRY(Spend(number));
      if (sized) {
        AppendVarint(out, number);
      }
      return UnfoldText(texts_, number, out) ? Status() : Malformed();
    case kHere: {
      CHIBO_TRY(Spend(number));
      const auto here = Take(structure_, number);
      if (sized) {
        AppendVarint(out, number);
      }
      out += here.value_or(ByteView());
      return here ? Status() : Malformed();
    }
    case kBlob:
      return Blob(number, out, /*numbered=*/true, sized);
    default:
      if (number != 0) {
        return Again(number - 1, out, sized);
      }
      return depth < limits::kNestingMax ? Nested(out, depth + 1, sized) : Malformed();
  }
}

Status ColumnReader::Blob(std::uint64_t size, Bytes& out, bool numbered, bool sized) {
  CHIBO_TRY(Spend(size));
  const auto bytes = Take(blobs_, size);
  if (!bytes) {
    return Malformed();
  }
  if (numbered && IsNumbered(size)) {
    numbered_.push_back(*bytes);
  }
  if (sized) {
    AppendVarint(out, size);
  }
  out += *bytes;
  return {};
}

Status ColumnReader::Again(std::uint64_t number, Bytes& out, bool sized) {
  if (number >= numbered_.size()) {
    return Malformed();
  }
  CHIBO_TRY(Spend(numbered_[number].size()));
  if (sized) {
    AppendVarint(out, numbered_[number].size());
  }
  out += numbered_[number];
  return {};
}

}  // namespace

std::optional<Columns> LayOut(std::span<const EntryBytes> entries) {
  ColumnWriter writer;
  for (const EntryBytes& entry : entries) {
    if (!writer.Add(entry)) {
      return std::nullopt;
    }
  }
  return std::move(writer).Finish();
}

Result<std::vector<EntryBytes>> PutTogether(ByteView texts, ByteView blobs, ByteView structure,
                                            std::uint32_t count, std::size_t raw_bytes) {
  ColumnReader reader(texts, blobs, structure, raw_bytes);
  std::vector<EntryBytes> entries;
  for (std::uint32_t i = 0; i < count; ++i) {
    CHIBO_TRY_VALUE(EntryBytes entry, reader.Next());
    entries.push_back(std::move(entry));
  }
  return reader.done() ? Result<std::vector<EntryBytes>>(std::move(entries)) : Malformed();
}

std::size_t PlainBytes(const EntryBytes& entry) {
  Bytes sizes;
  AppendVarint(sizes, entry.header.size());
  AppendVarint(sizes, entry.body.size());
  return sizes.size() + entry.header.size() + entry.body.size();
}

}  // namespace chibo
