// `./run quality`: measures how good the engine's pictures are.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "contact_sheet.h"
#include "failure.h"
#include "file.h"
#include "gpu.h"
#include "material.h"
#include "measurement.h"
#include "options.h"
#include "parallel.h"
#include "report.h"

namespace backdrop::quality {
namespace {

// What is measured by itself: one row of the tables has one of them for each take.
struct Job {
  const Sequence* sequence;  // nullptr: the photos
  const cli::Model* model;
  const Setting* setting;
  int take;
};

std::vector<Job> jobs_of(const Options& options) {
  std::vector<const Sequence*> sequences = options.sequences;
  if (!options.photos.empty()) sequences.push_back(nullptr);
  std::vector<Job> jobs;
  for (const Sequence* sequence : sequences) {
    for (const cli::Model& model : options.models) {
      for (const Setting* setting : options.settings) {
        for (int take = 0; take < (sequence ? options.takes : 1); ++take) {
          jobs.push_back({sequence, &model, setting, take});
        }
      }
    }
  }
  return jobs;
}

// Says which settings can't be measured here, and leaves them out.
void drop_gpu_settings_without_gpu(std::vector<const Setting*>& settings) {
  try {
    if (std::ranges::any_of(settings, &Setting::is_on_gpu)) const cli::Gpu gpu;
  } catch (const cli::Failure& failure) {
    std::erase_if(settings, [&](const Setting* setting) {
      if (!setting->is_on_gpu) return false;
      std::fprintf(stderr, "run: quality: %s is left out: %s\n", std::string(setting->name).c_str(),
                   failure.what());
      return true;
    });
    if (settings.empty()) throw;
  }
}

std::vector<Measurement> measure(const Options& options, const std::vector<Job>& jobs) {
  Material material;
  std::vector<PhotoWithMask> photos;
  if (!options.sequences.empty()) material = read_material(options.people, options.backgrounds);
  if (!options.photos.empty()) photos = find_photos(options.photos);
  std::vector<Measurement> measurements(jobs.size());
  for_each_job(jobs.size(), options.threads, [&](std::size_t i) {
    const Job& job = jobs[i];
    measurements[i] = job.sequence ? measure_take(*job.sequence, job.take, options.film, material,
                                                  *job.model, *job.setting)
                                   : measure_photos(photos, *job.model, *job.setting);
  });
  return measurements;
}

// One for each row: the means over the takes.
std::vector<Result> results_of(const std::vector<Job>& jobs,
                               const std::vector<Measurement>& measurements) {
  std::vector<Result> results;
  MeanScores scores;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Job& job = jobs[i];
    if (job.take == 0) {
      scores = {};
      results.push_back({.sequence = std::string(job.sequence ? job.sequence->name : "photos"),
                         .model = job.model->name,
                         .settings = std::string(job.setting->name),
                         .scores = {}});
    }
    scores.add(measurements[i].scores);
    ++results.back().takes;
    results.back().frames += measurements[i].frames;
    results.back().scores = scores.mean();
  }
  return results;
}

// The first take of each sequence and model, all settings side by side.
void write_contact_sheet(const Options& options, const std::vector<Job>& jobs,
                         std::vector<Measurement>& measurements) {
  ContactSheet sheet;
  std::vector<std::vector<ContactRow>> group;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!jobs[i].sequence || jobs[i].take != 0) continue;
    group.push_back(std::move(measurements[i].crops));
    if (group.size() < options.settings.size()) continue;
    sheet.add(group);
    group.clear();
  }
  if (sheet.is_empty()) throw cli::Failure(options.contact + ": there is no edge to be shown");
  cli::write_picture(options.contact, sheet.draw());
}

void print_heading(const Options& options) {
  const Film& film = options.film;
  if (options.sequences.empty()) return;
  std::printf(
      "%d takes of each sequence, %dx%d, %d frames a second, noise of %g levels; the last "
      "%g s are measured.\n",
      options.takes, film.width, film.height, film.fps, film.noise, film.measured);
}

void run(Options options) {
  drop_gpu_settings_without_gpu(options.settings);
  const std::vector<Job> jobs = jobs_of(options);
  std::vector<Measurement> measurements = measure(options, jobs);
  const std::vector<Result> results = with_means(results_of(jobs, measurements));
  print_heading(options);
  std::fputs(markdown(results).c_str(), stdout);
  if (!options.json.empty()) {
    const std::string text = json(results);
    cli::naming(options.json, [&] {
      cli::write_file(options.json,
                      {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    });
  }
  if (!options.contact.empty()) write_contact_sheet(options, jobs, measurements);
}

int report(int code, const std::string& message) {
  std::fprintf(stderr, "run: quality: %s\n", cli::one_line(message).c_str());
  return code;
}

int answer(int argc, char** argv) {
  try {
    run(parse_options(argc, argv));
    return 0;
  } catch (const CLI::Success&) {
    return 0;
  } catch (const CLI::ParseError& error) {
    return report(2, error.what());
  } catch (const cli::WrongCall& error) {
    return report(2, error.what());
  } catch (const std::exception& error) {
    return report(1, error.what());
  }
}

}  // namespace
}  // namespace backdrop::quality

int main(int argc, char** argv) { return backdrop::quality::answer(argc, argv); }
