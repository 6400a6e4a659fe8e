// Whether a network runs on all threads or on one, by times that are made up.
#include "net/plan/thread_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/executor.h"
#include "graph_maker.h"
#include "net/network.h"
#include "platform/thread_pool.h"
#include "support.h"

namespace backdrop {
namespace {

struct Times {
  double all, one;
};

// Runs so often. Returns how many runs had one thread.
int run(ThreadChoice& choice, int runs, Times times) {
  int count = 0;
  for (int i = 0; i < runs; ++i) {
    count += choice.has_all() ? 0 : 1;
    choice.add(choice.has_all() ? times.all : times.one);
  }
  return count;
}

constexpr int kRound = ThreadChoice::kPatience + 5;

TEST(ThreadChoice, KeepsAllThreadsWhereTheyAreFaster) {
  ThreadChoice choice;
  EXPECT_EQ(run(choice, 10 * kRound, {0.7, 1.2}), 10) << "a trial takes one run";
  EXPECT_TRUE(choice.has_all());
}

TEST(ThreadChoice, ChangesToOneThreadWhereThreadsLoseAndBack) {
  ThreadChoice choice;
  run(choice, kRound, {1.66, 1.23});
  EXPECT_FALSE(choice.has_all());
  EXPECT_EQ(run(choice, 5 * kRound, {1.66, 1.23}), 5 * kRound - 5);
  run(choice, kRound, {0.7, 1.23});
  EXPECT_TRUE(choice.has_all());
}

TEST(ThreadChoice, ChangesForNoSmallGain) {
  ThreadChoice choice;
  run(choice, 10 * kRound, {1, 0.92});
  EXPECT_TRUE(choice.has_all());
}

// A single run that is fast or slow by accident.
TEST(ThreadChoice, ChangesForNoSingleRun) {
  ThreadChoice choice;
  run(choice, ThreadChoice::kPatience, {1, 1.5});
  ASSERT_FALSE(choice.has_all());
  choice.add(0.5);
  ASSERT_FALSE(choice.has_all()) << "the trial goes on";
  choice.add(1.5);
  EXPECT_TRUE(choice.has_all());
}

// Long enough for trials, whose runs have one thread.
TEST(ThreadChoice, ANetworkAnswersTheSameInATrial) {
  test::GraphMaker maker({32, 32, 64});
  maker.add(maker.convolution(maker.graph.input, {}, 64), {32, 32, 64});
  const std::vector<float> input = test::noise(32 * 32 * 64, 1);
  const auto run_once = [&](Network& network) {
    std::ranges::copy(input, network.input().begin());
    const auto output = network.run();
    return std::vector<float>(output.begin(), output.end());
  };
  SerialExecutor serial;
  const auto alone = Network::create(Graph(maker.graph), serial);
  const auto executor = make_executor(2);
  const auto threaded = Network::create(Graph(maker.graph), *executor);
  ASSERT_TRUE(alone && threaded);
  const std::vector<float> expected = run_once(**alone);
  for (int i = 0; i < 2 * kRound; ++i) ASSERT_EQ(run_once(**threaded), expected) << "run " << i;
}

}  // namespace
}  // namespace backdrop
