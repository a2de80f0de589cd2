"""click in Chinese: help pages, usage errors, and one line on stderr for every error that we expect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

from audits.errors import AuditError
from reports_in.errors import IntakeError
from rules.errors import RuleError

P = ParamSpec("P")
R = TypeVar("R")

PATHS = {"Path ": "", "File ": "", "Directory ": "", " does not exist.": " 不存在", " is a file.": " 是文件，应为文件夹"}
PATHS |= {" is a directory.": " 是文件夹，应为文件", " is not readable.": " 没有读取权限", " is not writable.": " 没有写入权限"}
COULD_NOT = 2  # exit code: something could not be done


def expected_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn an error of ours into one line on stderr and exit code 2. Anything else is a defect and keeps its traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (IntakeError, RuleError, AuditError) as exc:
            click.echo(f"[{exc.code}] {exc}", err=True)
            sys.exit(COULD_NOT)

    return run


class _InChinese(click.Command):
    """The parts of a help page that click writes itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["options_metavar"] = "[选项]"
        super().__init__(*args, **kwargs)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [option for option in self.get_params(ctx) if isinstance(option, click.Option) and not option.hidden]
        with formatter.section("选项"):
            formatter.write_dl([(option.get_help_spec(ctx), option.help or "") for option in options])
        if isinstance(self, click.Group):
            commands = [(name, self.commands[name].get_short_help_str(80)) for name in self.commands]
            with formatter.section("命令"):
                formatter.write_dl(commands)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示本说明"
        return option


class Command(_InChinese):
    pass


class Group(_InChinese, click.Group):
    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, subcommand_metavar="命令 ...", **kwargs)

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run the command. A usage error is said in Chinese, in one line, and ends with exit code 2."""
        try:
            sys.exit(super().main(args, **extra | {"standalone_mode": False}) or 0)
        except click.exceptions.NoArgsIsHelpError as exc:
            click.echo(exc.format_message(), err=True)
            sys.exit(exc.exit_code)
        except click.ClickException as exc:
            hint = f"；可用 {exc.ctx.command_path} --help 查看说明" if isinstance(exc, click.UsageError) and exc.ctx else ""
            click.echo(f"{_said(exc)}{hint}", err=True)
            sys.exit(exc.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("已中断", err=True)
            sys.exit(130)


def _said(exc: click.ClickException) -> str:
    match exc:
        case click.NoSuchOption():
            return f"没有选项 {exc.option_name}"
        case click.MissingParameter():
            return f"缺少参数 {_parameter(exc)}"
        case click.BadOptionUsage():
            return f"选项 {exc.option_name} 用法不对"
        case click.NoSuchCommand():
            return f"没有命令 {exc.command_name}"
        case click.BadParameter():
            return f"参数 {_parameter(exc)} 不对：{_wanted(exc)}"
        case _:
            return exc.format_message()


def _wanted(exc: click.BadParameter) -> str:
    match exc.param.type if exc.param else None:
        case click.Path():
            words = exc.message
            for english, chinese in PATHS.items():
                words = words.replace(english, chinese)
            return words
        case click.IntRange() as wanted:
            return f"应为整数，不小于 {wanted.min}" + ("" if wanted.max is None else f"，不大于 {wanted.max}")
        case click.Choice() as wanted:
            return f"应为 {'、'.join(map(str, wanted.choices))} 之一"
        case _:
            return exc.message


def _parameter(exc: click.BadParameter) -> str:
    if exc.param is None:
        return str(exc.param_hint or "")
    return (
        exc.param.opts[0]
        if isinstance(exc.param, click.Option)
        else exc.param.make_metavar(exc.ctx or click.Context(click.Command("")))
    )
