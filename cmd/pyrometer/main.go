// Command pyrometer collects public evidence about the security of Python
// packages into ClickHouse and shows it. This package is wiring: one file per
// subcommand, and the only place that knows every other package.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/config"
)

// version is the release that this binary reports; it is part of the
// User-Agent and of every run record.
const version = "0.1.0"

const description = `Security observability for the Python package ecosystem: collects Scorecard results,
advisories, ranks and release metadata of the most downloaded PyPI projects, and shows
their history. Every flag can be set by the environment variable named beside it.`

// cli is the command line.
type cli struct {
	config.Config

	Up          upCmd          `cmd:"" help:"Start everything: database, migrations, first backfill, schedule and web server."`
	Collect     collectCmd     `cmd:"" help:"Run collectors now, once."`
	Backfill    backfillCmd    `cmd:"" help:"Read the recorded past of a source: ranks or scorecards."`
	Serve       serveCmd       `cmd:"" help:"Serve pages and exports of what is stored; collect nothing."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database to this version and end."`
	Status      statusCmd      `cmd:"" help:"Tell how every source stands."`
	Export      exportCmd      `cmd:"" help:"Write a table or a chart's numbers to standard output."`
	Doctor      doctorCmd      `cmd:"" help:"Look at this machine and say what is missing."`
	Healthcheck healthcheckCmd `cmd:"" hidden:"" help:"Ask a running server whether it is ready."`

	Version kong.VersionFlag `help:"Print the version and end."`
}

// program is what every subcommand gets.
type program struct {
	ctx context.Context
	cfg *config.Config
	out io.Writer
	err io.Writer
	log *slog.Logger
}

func main() {
	clickhouse.MaybeChild() // does not return in the engine's child process
	os.Exit(runUntilSignal(os.Args[1:], os.Stdout, os.Stderr))
}

// runUntilSignal is run, stopped by Ctrl-C or SIGTERM.
func runUntilSignal(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, args, out, errOut)
}

// run parses args and runs one subcommand. It returns the exit status: 0 only
// when all of it succeeded, 2 for words it does not understand.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("pyrometer"), kong.Description(description),
		kong.Vars{"version": "pyrometer " + version}, kong.Writers(out, errOut), kong.UsageOnError(),
		kong.Exit(func(code int) { exit = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errOut, "pyrometer:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help or --version has been answered
		return exit
	}
	if err != nil {
		fmt.Fprintf(errOut, "pyrometer: %v\nTry pyrometer --help.\n", err)
		return 2
	}
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(c.LogLevel)) // kong has checked it against its enum
	p := &program{
		ctx: ctx, cfg: &c.Config, out: out, err: errOut,
		log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level})),
	}
	switch err := command.Run(p); {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(errOut, "pyrometer: stopped")
		return 130
	default:
		fmt.Fprintln(errOut, "pyrometer:", err)
		return 1
	}
}
