// The program behind `./run quality`, from end to end, on pictures that are drawn here.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "drawing.h"
#include "failure.h"
#include "file.h"
#include "model_store.h"

namespace backdrop::quality::test {
namespace {

namespace fs = std::filesystem;

struct Finished {
  int status = -1;
  std::string text;  // what it printed, errors included
};

Finished run(const std::string& arguments) {
  const std::string command = "'" BACKDROP_MEASURE "' " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  Finished result;
  char buffer[4096];
  for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    result.text.append(buffer, count);
  }
  result.status = WEXITSTATUS(pclose(pipe));
  return result;
}

std::string text_of(const fs::path& path) {
  const cli::Bytes bytes = cli::read_file(path.string());
  return {bytes.begin(), bytes.end()};
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++count;
  return count;
}

class Program : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("quality-" + std::to_string(getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    for (const char* name : {"people", "rooms", "photos", "empty"}) {
      fs::create_directories(folder_ / name);
    }
    cli::write_picture((folder_ / "people/drawn.png").string(), drawn_person(200));
    cli::write_picture((folder_ / "rooms/a.png").string(),
                       to_picture(drawn_room(200, 150, 25, 180)));
    cli::write_picture((folder_ / "rooms/b.jpg").string(),
                       to_picture(drawn_room(200, 150, 40, 220)));
    setenv("BACKDROP_MODELS", BACKDROP_MODEL_FOLDERS, 1);
    try {
      model_ = cli::open_default_model().name;
    } catch (const cli::Failure& failure) {
      GTEST_SKIP() << failure.what();
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const {
    return std::string("'") + (folder_ / name).c_str() + "'";
  }
  std::string material() const {
    return "--models " + model_ + " --people " + path("people") + " --backgrounds " +
           path("rooms") + " ";
  }

  fs::path folder_;
  std::string model_;
};

constexpr const char* kSmall =
    "--width 160 --height 96 --fps 10 --seconds 2 --measured 1 --takes 2 ";

TEST_F(Program, MeasuresSequences) {
  const Finished measured = run(
      material() + kSmall + "--sequences still,group --settings ours,original-bilinear --json " +
      path("numbers.json") + " --contact " + path("sheet.png"));
  ASSERT_EQ(measured.status, 0) << measured.text;
  EXPECT_NE(measured.text.find("## still"), std::string::npos);
  EXPECT_NE(measured.text.find("## mean"), std::string::npos);
  const std::string json = text_of(folder_ / "numbers.json");
  EXPECT_EQ(count_of(json, "\"settings\": \"ours\""), 3);  // two sequences and their mean
  EXPECT_EQ(count_of(json, "\"settings\": \"original-bilinear\""), 3);
  EXPECT_EQ(count_of(json, "\"takes\": 2, \"frames\": 20,"), 4);
  EXPECT_TRUE(fs::exists(folder_ / "sheet.png"));
  EXPECT_EQ(count_of(json, "\"iou_worst_tenth\": null"), 6);

  const Finished again =
      run(material() + kSmall +
          "--threads 1 --sequences still,group --settings ours,original-bilinear");
  EXPECT_EQ(again.text, measured.text);
}

TEST_F(Program, MeasuresPhotos) {
  const cli::Picture person = drawn_person(120);
  Image alpha(120, 120, 1);
  for (std::size_t i = 0; i < alpha.values.size(); ++i) alpha.values[i] = person.rgba[4 * i + 3];
  cli::write_picture((folder_ / "photos/a.jpg").string(), person);
  cli::write_grey_png((folder_ / "photos/a.png").string(), person,
                      {alpha.values.begin(), alpha.values.end()});
  cli::write_picture((folder_ / "photos/without-mask.jpg").string(), person);
  const Finished measured = run("--models " + model_ + " --photos " + path("photos") +
                                " --settings ours --json " + path("numbers.json"));
  ASSERT_EQ(measured.status, 0) << measured.text;
  const std::string json = text_of(folder_ / "numbers.json");
  EXPECT_EQ(count_of(json, "\"sequence\": \"photos\""), 1);
  EXPECT_EQ(count_of(json, "\"frames\": 1,"), 1);
  EXPECT_EQ(count_of(json, "\"composite\": null"), 1);
  EXPECT_EQ(count_of(json, "\"iou\": null"), 0);
}

TEST_F(Program, SaysInOneLineWhatIsWrong) {
  const auto expect_refusal = [](const std::string& arguments, int status, const char* reason) {
    const Finished refused = run(arguments);
    EXPECT_EQ(refused.status, status) << arguments << ": " << refused.text;
    EXPECT_EQ(count_of(refused.text, "\n"), 1) << refused.text;
    EXPECT_EQ(refused.text.find("run: quality: "), 0U) << refused.text;
    EXPECT_NE(refused.text.find(reason), std::string::npos) << refused.text;
  };
  expect_refusal("--people " + path("missing") + " --backgrounds " + path("rooms"), 1,
                 "No such file");
  expect_refusal("--people " + path("empty") + " --backgrounds " + path("rooms"), 1,
                 "has 0 pictures of people, and 1 are needed");
  expect_refusal("--people " + path("people") + " --backgrounds " + path("people"), 1,
                 "2 are needed");
  expect_refusal("--photos " + path("empty"), 1, "has no photo");
  expect_refusal("--sequences stil", 2, "there is no 'stil'");
  expect_refusal("--settings theirs", 2, "there is no 'theirs'");
  expect_refusal("--models nobody", 2, "nobody");
  expect_refusal("--takes 0", 2, "--takes");
  expect_refusal("surplus", 2, "surplus");
}

}  // namespace
}  // namespace backdrop::quality::test
