#include "tests/scenario/words.h"

#include <utility>

#include "node/names.h"
#include "proto/text.h"

namespace chibo::scenario {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool EndsWord(char c) {
  return IsBlank(c) || c == '\n' || c == '"' || c == '{' || c == '}' || c == ',';
}

class Splitter {
 public:
  Splitter(std::string_view text, std::vector<Problem>& problems)
      : text_(text), problems_(problems) {}

  std::vector<std::vector<Token>> Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        Step();
        if (at_ < text_.size() && !IsBlank(text_[at_])) {
          EndSentence();
        }
      } else if (IsBlank(c)) {
        Step();
      } else if (c == '#') {
        SkipLine();
      } else {
        TakeToken(c);
        last_line_ = line_;
        last_column_ = column_;
      }
    }
    EndSentence();
    return std::move(sentences_);
  }

 private:
  void Step() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++column_;
    }
  }
  void SkipLine() {
    while (at_ < text_.size() && text_[at_] != '\n') {
      Step();
    }
  }

  void TakeToken(char c) {
    Token token{Token::Kind::kWord, "", line_, column_};
    if (c == '"') {
      TakeText(token);
    } else if (c == '{') {
      TakeJson(token);
    } else if (c == ',' || c == ':' || c == '}') {
      token.kind = Token::Kind::kSign;
      token.text = c;
      Step();
      sentence_.push_back(std::move(token));
    } else {
      TakeWord(token);
    }
  }

  void TakeText(Token& token) {
    token.kind = Token::Kind::kText;
    Step();
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') {
      Step();
    }
    if (at_ == text_.size() || text_[at_] == '\n') {
      Refuse(token, "the quotation mark is not closed on this line");
      return;
    }
    const std::string_view inner = text_.substr(from, at_ - from);
    Step();
    if (!IsPlainText(inner, Lines::kOne)) {
      Refuse(token, "the text holds characters that cannot be shown");
      return;
    }
    token.text = NormalName(inner);
    sentence_.push_back(std::move(token));
  }

  void TakeJson(Token& token) {
    token.kind = Token::Kind::kJson;
    const std::size_t from = at_;
    std::size_t depth = 0;
    bool quoted = false;
    do {
      const char c = text_[at_];
      if (quoted && c == '\\' && at_ + 1 < text_.size()) {
        Step();
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == '{' || c == '}')) {
        depth = c == '{' ? depth + 1 : depth - 1;
      }
      Step();
    } while (depth > 0 && at_ < text_.size());
    if (depth > 0) {
      Refuse(token, "the brace is not closed");
      return;
    }
    token.text = std::string(text_.substr(from, at_ - from));
    sentence_.push_back(std::move(token));
  }

  // A colon stands in a word only between digits: 15:00.
  void TakeWord(Token& token) {
    const std::size_t from = at_;
    while (at_ < text_.size() && !EndsWord(text_[at_])) {
      const bool in_time = at_ > from && IsDigit(text_[at_ - 1]) && at_ + 1 < text_.size() &&
                           IsDigit(text_[at_ + 1]);
      if (text_[at_] == ':' && !in_time) {
        break;
      }
      Step();
    }
    const std::string_view word = text_.substr(from, at_ - from);
    if (!IsPlainText(word, Lines::kOne)) {
      Refuse(token, "the word holds characters that cannot be shown");
      return;
    }
    token.text = NormalName(word);
    sentence_.push_back(std::move(token));
  }

  void Refuse(const Token& token, std::string what) {
    problems_.push_back({token.line, token.column, std::move(what)});
    refused_ = true;
    SkipLine();
  }

  void EndSentence() {
    if (!sentence_.empty() && !refused_) {
      sentence_.push_back({Token::Kind::kEnd, "", last_line_, last_column_});
      sentences_.push_back(std::move(sentence_));
    }
    sentence_.clear();
    refused_ = false;
  }

  std::string_view text_;
  std::vector<Problem>& problems_;
  std::vector<std::vector<Token>> sentences_;
  std::vector<Token> sentence_;
  bool refused_ = false;  // the sentence has a token that cannot be read
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  std::uint32_t last_line_ = 1;  // behind the last token
  std::uint32_t last_column_ = 1;
};

}  // namespace

std::vector<std::vector<Token>> SplitSentences(std::string_view text,
                                               std::vector<Problem>& problems) {
  if (text.size() > kTextMax) {
    problems.push_back({1, 1, "the file is larger than 1 MiB"});
    return {};
  }
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);
  }
  return Splitter(text, problems).Run();
}

}  // namespace chibo::scenario
