"""The help of `python -m course camp` in Chinese: the words of `course/camp/cli.py`, which are English, are the keys."""

from typing import ClassVar

from vit.runtime.command_line import Parser


class CampParser(Parser):
    chinese: ClassVar = {
        "A study camp, from roster to certificates.": "学习营：从名单到证书。",
        "default: VIT_LANG, else the system's": "默认：VIT_LANG，否则看系统",
        "the camp's": "学习营的文件夹",
        "as on the roster": "名单上的写法",
        "default: all": "默认：全部",
        # the roster
        "make a camp's folder": "建立学习营的文件夹",
        "CSV with a column called name": "CSV，其中有一列叫 name",
        "of the roster, where it cannot be told: gb18030, cp1252 ...": "名单的编码，认不出来时用：gb18030、cp1252 ……",
        "day 1": "第 1 天",
        "of the camp (%(default)s)": "学习营的天数（%(default)s）",
        "time zone in which a day ends; default: %(default)s": "按哪个时区算一天结束；默认：%(default)s",
        "late joiners: a code for each": "后来加入的人：每人一个营码",
        "a name as it shall stand on the roster": "写进名单的姓名",
        "who leaves: their lines are refused from tomorrow on": "退营：从明天起不再接受他们的打卡",
        "a new code for one that was lost": "营码丢了：换一个新的",
        "another name for a learner": "学员改名",
        "the new name": "新的姓名",
        "take back the last change of the roster; once more: and do it again": "撤销名单的上一次改动；再运行一次就恢复",
        "codes.csv again, and messages.csv for a mail merge": "重写 codes.csv，并写出用于邮件合并的 messages.csv",
        # the days
        "the sections of each day: a table, schedule.md, schedule.ics": "每天的小节：表格、schedule.md、schedule.ics",
        "find and judge the lines in files, folders, zips, or '-' (standard input)": "在文件、文件夹、zip 或 '-'（标准输入）里找出打卡的行并判断",
        "what is looked through": "在哪里找",
        "name the lines known from before, too": "以前已经认过的行也列出来",
        "report/index.html and tables for you, public/index.html for everybody": "report/index.html 和表格给你看，public/index.html 可以公开",
        "all that one learner has handed in, and what is missing": "一名学员交了什么，还缺什么",
        "a learner's lines of a section count no longer": "一名学员某一节的打卡不再算数",
        "such as 04A": "例如 04A",
        "is told whenever the line is met again": "再遇到这一行时说明的理由",
        "and they count again": "恢复，重新算数",
        "delete a learner and all their lines, for good": "永久删除一名学员和其全部打卡",
        "take over learners and lines of another organiser's folder of the same camp": "并入同一期另一位组织者的文件夹：学员和打卡",
        "the other folder": "另一个文件夹",
        # the end
        "a few learners at random, with an oral question for each": "随机抽几名学员，每人一道口头问题",
        "how many (%(default)s)": "抽几名（%(default)s）",
        "the same choice again": "同一个数抽出同样的人",
        "one for each who has earned it": "每个达到要求的人一张",
        "of the files (%(default)s)": "文件格式（%(default)s）",
        "whose certificate has this number? (nothing is written)": "这个编号是谁的证书？（什么也不写）",
    }
