// See google_benchmark.h. Google Benchmark chooses the number of operations, repeats, filters and reports; time is wall-clock
// time, measured by the team around the operations alone.
#include "google_benchmark.h"

#include "contender.h"
#include "team.h"
#include "turns.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <regex>
#include <string>
#include <vector>

namespace
{

// Passes everything on to another reporter, with the rows' plain names: Google Benchmark appends how time was taken.
class plain_names : public benchmark::BenchmarkReporter
{
  public:
    explicit plain_names(benchmark::BenchmarkReporter *next) : next_(next)
    {
    }

    bool ReportContext(const Context &context) override
    {
        next_->SetOutputStream(&GetOutputStream());
        next_->SetErrorStream(&GetErrorStream());
        return next_->ReportContext(context);
    }

    void ReportRuns(const std::vector<Run> &runs) override
    {
        std::vector<Run> plain = runs;

        for (Run &run : plain) {
            run.run_name.time_type.clear();
            run.run_name.iterations.clear();
        }
        next_->ReportRuns(plain);
    }

    void Finalize() override
    {
        next_->Finalize();
    }

  private:
    std::unique_ptr<benchmark::BenchmarkReporter> next_;
};

bool writes_file = false;
bool finds_held_back = false;

// Whether Google Benchmark's filter lets a row through, by its plain name: its own matching would see how time was taken, too.
bool is_wanted(const std::string &filter, const std::string &name)
{
    bool negative = !filter.empty() && filter[0] == '-';
    std::regex pattern(negative ? filter.substr(1) : filter, std::regex::extended);

    return filter.empty() || filter == "all" || std::regex_search(name, pattern) != negative;
}

// What the row's last run found besides its time, as counters of Google Benchmark.
void report(benchmark::State &state, const bench_row *row, const contender_counts &before)
{
    bench_findings findings = {};

    team_report(&findings);
    for (size_t i = 0; i < findings.n; i++)
        state.counters[findings.at[i].name] = findings.at[i].value;
    if (row->workload->crosses) {
        contender_counts after = contender_counts_now();

        if (finds_held_back) {
            team_detach();
            state.counters["held_back"] = static_cast<double>(contender_counts_now().blocks_posted - after.blocks_posted);
        }
        if (after.blocks_posted > before.blocks_posted) {
            state.counters["blocks_posted"] = static_cast<double>(after.blocks_posted - before.blocks_posted);
            state.counters["magazines_posted"] = static_cast<double>(after.magazines_posted - before.magazines_posted);
            state.counters["magazines_taken_over"] = static_cast<double>(after.magazines_taken_over - before.magazines_taken_over);
        }
    }
    if (team_is_oversubscribed(row))
        state.SetLabel("oversubscribed");
}

void measure(benchmark::State &state, const bench_row *row, const bench_memory *memory)
{
    contender_counts before = {};

    turns_await();
    team_enter(row, memory);
    if (row->workload->crosses)
        before = contender_counts_now();
    // All operations of a measurement in one go: one meeting of the threads, one pair of clock readings.
    while (state.KeepRunningBatch(state.max_iterations))
        state.SetIterationTime(team_run(static_cast<uint64_t>(state.max_iterations)));
    if (!row->workload->once)
        state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(row->threads));
    report(state, row, before);
}

void register_row(const bench_row *row, const bench_memory *memory)
{
#ifdef __clang_analyzer__ // It takes what Google Benchmark keeps for a leak.
    static_cast<void>(measure);
    static_cast<void>(row);
    static_cast<void>(memory);
#else
    auto *registered = benchmark::RegisterBenchmark(row->name, measure, row, memory)->UseManualTime();

    if (row->workload->once)
        registered->Iterations(1);
#endif
}

} // namespace

void google_benchmark_context(const char *key, const char *value)
{
    benchmark::AddCustomContext(key, value);
}

bool google_benchmark_options(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++)
        writes_file = writes_file || std::string(argv[i]).rfind("--benchmark_out=", 0) == 0;
    benchmark::Initialize(argc, argv);
    return !benchmark::ReportUnrecognizedArguments(*argc, argv);
}

size_t google_benchmark_run(const struct bench_row *rows, size_t n_rows, const struct bench_memory *memory, bool held_back)
{
    const std::string filter = benchmark::GetBenchmarkFilter();
    plain_names display(benchmark::CreateDefaultDisplayReporter());
    std::unique_ptr<plain_names> file;

    finds_held_back = held_back;
    try {
        for (size_t i = 0; i < n_rows; i++)
            if (is_wanted(filter, rows[i].name))
                register_row(&rows[i], memory);
    } catch (const std::regex_error &error) {
        bench_fail("not a regular expression: %s (%s)", filter.c_str(), error.what());
    }
    if (writes_file)
        file = std::make_unique<plain_names>(new benchmark::JSONReporter);
    return benchmark::RunSpecifiedBenchmarks(&display, file.get(), "all");
}
